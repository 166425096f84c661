using System.CommandLine;
using AdamGrpc.Interop.Client;
using AdamGrpc.Interop.Server;

Option<int> port = new("--port") { Description = "The port of the server on the loopback.", Required = true };
Option<string[]> cases = new("--case") { Description = "A case to run; may be given more than once.", Required = true };

Command server = new("server", "Prints 'port N' when it listens, and serves until its standard input ends.");
server.SetAction((_, cancellationToken) => InteropServer.RunAsync(cancellationToken));

Command client = new("client", "Runs cases and prints 'NAME ok' or 'NAME FAIL: why' for each. Exit code 1 if one failed.") { port, cases };
client.SetAction((arguments, cancellationToken) =>
    CaseRunner.RunAsync(arguments.GetRequiredValue(port), arguments.GetRequiredValue(cases), cancellationToken));

return await new RootCommand("gRPC's standard interoperability tests.") { server, client }.Parse(args).InvokeAsync();
