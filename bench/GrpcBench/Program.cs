using System.CommandLine;
using Adam.Bench.GrpcBench;

if (args is ["server"])
{
    await BenchServer.RunAsync();
    return 0;
}

var quick = new Option<bool>("--quick") { Description = "Few messages and pairs: only to see that everything runs." };
var pairs = new Option<int>("--pairs") { Description = "Pairs of runs; the median counts.", DefaultValueFactory = _ => 9 };
var messages = new Option<int>("--messages") { Description = "Messages of 1 MiB in a run.", DefaultValueFactory = _ => 512 };
var calls = new Option<int>("--calls") { Description = "Small calls in a run.", DefaultValueFactory = _ => 5000 };
var parts = new Option<string[]>("--parts")
{
    Description = "What is measured.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => [Runs.Echo, Runs.Upload, Runs.Download, Runs.Unary],
};
parts.AcceptOnlyFromAmong(Runs.Echo, Runs.Upload, Runs.Download, Runs.Unary);
var command = new RootCommand("The gRPC runtime beside raw HTTP/2, client and server as two processes on loopback.") { quick, pairs, messages, calls, parts };
command.SetAction(async (given, _) =>
{
    bool isQuick = given.GetValue(quick);
    await Runs.RunAsync(isQuick ? 1 : given.GetValue(pairs), isQuick ? 8 : given.GetValue(messages), isQuick ? 50 : given.GetValue(calls), given.GetValue(parts)!);
});
return await command.Parse(args).InvokeAsync();
