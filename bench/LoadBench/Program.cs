using System.CommandLine;
using System.Globalization;
using Adam.Bench.LoadBench.Active;
using Adam.Bench.LoadBench.Attacks;
using Adam.Bench.LoadBench.Guard;
using Adam.Bench.LoadBench.Idle;
using Adam.Bench.LoadBench.Processes;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case [ServiceProgram.Verb, .. var settings]:
        await ServiceProgram.RunAsync(settings);
        return 0;
    case [LoadProgram.Verb, var url]:
        await new LoadProgram(url).RunAsync();
        return 0;
    case [GuardBench.Verb]:
        await GuardBench.ServeAsync();
        return 0;
}

var quick = new Option<bool>("--quick") { Description = "Small loads and one round of each: only to see that everything runs." };
var parts = new Option<string[]>("--parts")
{
    Description = "What is measured.",
    DefaultValueFactory = _ => ["guard", "idle", "active", "attacks"],
    AllowMultipleArgumentsPerToken = true,
};
parts.AcceptOnlyFromAmong("guard", "idle", "active", "attacks");
var rounds = new Option<int>("--rounds") { Description = "Rounds of each; the median counts.", DefaultValueFactory = _ => 5 };
var idle = new Option<int>("--idle") { Description = "Streams that are open and silent.", DefaultValueFactory = _ => 10_000 };
var sessions = new Option<int>("--sessions") { Description = "Sessions that they are dealt out to.", DefaultValueFactory = _ => 1000 };
var active = new Option<int>("--active") { Description = "Streams that train.", DefaultValueFactory = _ => 1000 };
var connections = new Option<int>("--connections") { Description = "Connections that hold either.", DefaultValueFactory = _ => 10 };
var seconds = new Option<double>("--seconds") { Description = "How long a measurement of latencies takes.", DefaultValueFactory = _ => 1 };
var attack = new Option<string?>("--attack") { Description = "Only attacks that have this in their names." };
var parameters = new Option<int[]>("--parameters")
{
    Description = "The models of those who train beside attacks.",
    DefaultValueFactory = _ => [1000, 1 << 18],
    AllowMultipleArgumentsPerToken = true,
};
var command = new RootCommand("The service under load, with its clients in other processes, on loopback.")
{
    quick, parts, rounds, idle, sessions, active, connections, seconds, attack, parameters,
};
command.SetAction(async (given, _) =>
{
    var isQuick = given.GetValue(quick);
    var times = isQuick ? 1 : given.GetValue(rounds);
    foreach (var part in given.GetValue(parts)!)
    {
        await (part switch
        {
            "guard" => new GuardBench(isQuick ? 1 : 4 * times, isQuick ? 1000 : 2_000_000, isQuick ? 8 : 1024).RunAsync(),
            "idle" => new IdleBench(isQuick
                ? new IdleLoad(100, 2, 10, times, 0.05)
                : new IdleLoad(given.GetValue(idle), given.GetValue(connections), given.GetValue(sessions), times, 2 * given.GetValue(seconds))).RunAsync(),
            "active" => new ActiveBench(isQuick
                ? new ActiveLoad(20, 2, 200, times)
                : new ActiveLoad(given.GetValue(active), given.GetValue(connections), 100 * given.GetValue(active), times)).RunAsync(),
            _ => new AttackBench(isQuick
                ? new AttackPlan(times, 0.02, [1000], null)
                : new AttackPlan(times, given.GetValue(seconds), given.GetValue(parameters)!, given.GetValue(attack))).RunAsync(),
        });
    }
});
return await command.Parse(args).InvokeAsync();
