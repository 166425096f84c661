using System.CommandLine;
using System.Globalization;
using Adam.Bench.LoadBench.Processes;
using Adam.Bench.ServiceBench;
using Adam.Bench.ServiceBench.Durability;
using Adam.Bench.ServiceBench.Parts;
using Adam.Bench.ServiceBench.Peers;
using Adam.Bench.ServiceBench.Report;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case [ServiceProgram.Verb, .. var settings]:
        await ServiceProgram.RunAsync(settings);
        return 0;
    case [RawProgram.Verb]:
        await RawProgram.RunAsync();
        return 0;
    case [RawClientProgram.Verb, var url, var bytes, var callers]:
        await RawClientProgram.RunAsync(url, long.Parse(bytes, CultureInfo.InvariantCulture), int.Parse(callers, CultureInfo.InvariantCulture));
        return 0;
}

var quick = new Option<bool>("--quick") { Description = "Small models and one round: only to see that everything runs." };
var rounds = new Option<int>("--rounds") { Description = "Turns of each; the median counts.", DefaultValueFactory = _ => 5 };
var torch = new Option<bool>("--torch") { Description = "With torch.optim.Adam in a process of its own; Debian's python3-torch has to be installed." };
var model = new Option<string?>("--model") { Description = "Only models that have this in their names." };
var names = AllParts.List.Select(part => part.Name).ToArray();
var parts = new Option<string[]>("--parts") { Description = "What is measured.", DefaultValueFactory = _ => names, AllowMultipleArgumentsPerToken = true };
parts.AcceptOnlyFromAmong(names);
var shared = new Option<bool>("--shared-memory") { Description = "Only shared memory beside the engine in process: --parts shared-memory." };
var durability = new Option<DurabilityPart?>("--durability")
{
    Description = "Only what a log and snapshots cost: all of it, or one part.",
    Arity = ArgumentArity.ZeroOrOne,
    CustomParser = static result =>
        result.Tokens is [var token] ? Enum.Parse<DurabilityPart>(token.Value, ignoreCase: true) : DurabilityPart.All,
};
var fixedWindows = new Option<bool>("--fixed-windows")
{
    Description = "HTTP/2 windows of the trainer stay as the SDK begins them, as a trainer's project can say; raw HTTP/2 keeps the defaults.",
};
var output = new Option<DirectoryInfo?>("--output") { Description = "A folder for the tables (service-bench.md) and a picture of each part (service-bench-PART.svg)." };
var command = new RootCommand("A training step through the service, beside raw HTTP/2, the engine in process, and torch, on loopback.")
{
    quick, rounds, torch, model, parts, shared, durability, fixedWindows, output,
};
command.SetAction(async (given, cancellationToken) =>
{
    // Before the first handler, which reads it once.
    AppContext.SetSwitch(Http2Windows.Switch, given.GetValue(fixedWindows));
    var isQuick = given.GetValue(quick);
    var findings = new Findings();
    var part = given.GetValue(durability);
    if (part is not null || isQuick)
    {
        await new DurabilityContest(isQuick, isQuick ? 1 : given.GetValue(rounds)).RunAsync(part ?? DurabilityPart.All, findings.Tables);
    }

    if (part is null)
    {
        var chosen = given.GetValue(shared) ? [SharedMemory.PartName] : given.GetValue(parts)!;
        var contest = new Contest(
            isQuick ? Rounds.Quick : Rounds.Full(given.GetValue(rounds)),
            [.. AllParts.List.Where(each => chosen.Contains(each.Name))],
            given.GetValue(torch));
        foreach (var workload in isQuick ? Workload.Quick : Workload.All)
        {
            if (workload.Name.Contains(given.GetValue(model) ?? "", StringComparison.OrdinalIgnoreCase))
            {
                await contest.RunAsync(workload, findings);
            }
        }
    }

    if (given.GetValue(output) is { } folder)
    {
        await findings.WriteAsync(folder, cancellationToken);
    }
});
return await command.Parse(args).InvokeAsync();
