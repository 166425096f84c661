using Adam.Bench.GrpcBench.Clients;
using Adam.Bench.GrpcBench.Server;

namespace Adam.Bench.GrpcBench;

/// <summary>All contests.</summary>
internal static class Runs
{
    public static async Task RunAsync(int pairs, int messages, int calls, IReadOnlyCollection<Part> parts, bool withDynamicWindows)
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using var raw = new Contestant(ClientKind.Raw, server);
        await using var grpc = new Contestant(ClientKind.Grpc, server);
        await using Contestant? dynamicWindows = withDynamicWindows ? new Contestant(ClientKind.GrpcDynamicWindows, server) : null;
        var contest = new Contest(dynamicWindows is null ? [raw, grpc] : [raw, grpc, dynamicWindows], pairs);
        double gigabytes = (double)messages * Payload.MessageBytes / 1e9;
        Console.WriteLine(Contest.Head);
        foreach (Part part in parts)
        {
            await (part switch
            {
                Part.Echo => contest.RunAsync("echo, each way", part, messages, gigabytes, "GB/s"),
                Part.Upload => contest.RunAsync("upload", part, messages, gigabytes, "GB/s"),
                Part.Download => contest.RunAsync("download", part, messages, gigabytes, "GB/s"),
                _ => contest.RunAsync("unary, 100 bytes", part, calls, calls / 1e3, "k/s"),
            });
        }
    }
}
