using System.CommandLine;
using System.Globalization;
using Adam.Bench.LoadBench.Idle;
using Adam.Bench.LoadBench.Processes;

if (args is [ServiceProgram.Verb, .. var settings])
{
    await ServiceProgram.RunAsync(settings);
    return 0;
}

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var quick = new Option<bool>("--quick") { Description = "Small loads and one round: only to see that everything runs.", Recursive = true };
var command = new RootCommand("The service under load, client and service as processes of their own on loopback.") { quick };
command.SetAction(async (given, _) => await new IdleBench(new IdleLoad(10_000, 10, 1000, 3, 2)).RunAsync());
return await command.Parse(args).InvokeAsync();
