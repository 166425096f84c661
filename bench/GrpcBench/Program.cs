using System.CommandLine;
using System.Globalization;
using Adam.Bench.GrpcBench;
using Adam.Bench.GrpcBench.Clients;
using Adam.Bench.GrpcBench.Server;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case [BenchServer.Verb]:
        await BenchServer.RunAsync();
        return 0;
    case [ClientProgram.Verb, var kind, var sizing, var port]:
        await ClientProgram.RunAsync(Enum.Parse<ClientKind>(kind), Enum.Parse<WindowSizing>(sizing), int.Parse(port, CultureInfo.InvariantCulture));
        return 0;
}

var quick = new Option<bool>("--quick") { Description = "Few messages and pairs: only to see that everything runs." };
var pairs = new Option<int>("--pairs") { Description = "Turns of each client; the median counts.", DefaultValueFactory = _ => 9 };
var messages = new Option<int>("--messages") { Description = "Messages of 1 MiB in a turn.", DefaultValueFactory = _ => 512 };
var calls = new Option<int>("--calls") { Description = "Small calls in a turn.", DefaultValueFactory = _ => 5000 };
var parts = new Option<Part[]>("--parts")
{
    Description = "What is measured.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => Enum.GetValues<Part>(),
};
var windows = new Option<WindowSizing[]>("--windows")
{
    Description = "How the gRPC runtime's clients, one for each, have their HTTP/2 windows sized; raw HTTP/2 has .NET's default, dynamic.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => Enum.GetValues<WindowSizing>(),
};
var command = new RootCommand("The gRPC runtime beside raw HTTP/2, a process for each client and one for the server on loopback.")
{
    quick, pairs, messages, calls, parts, windows,
};
command.SetAction(async (given, _) =>
{
    bool isQuick = given.GetValue(quick);
    await Runs.RunAsync(
        isQuick ? 1 : given.GetValue(pairs),
        isQuick ? 8 : given.GetValue(messages),
        isQuick ? 50 : given.GetValue(calls),
        given.GetValue(parts)!,
        given.GetValue(windows)!);
});
return await command.Parse(args).InvokeAsync();
