using Adam.Bench.GrpcBench.Clients;
using Adam.Bench.GrpcBench.Server;

namespace Adam.Bench.GrpcBench;

/// <summary>All contests.</summary>
internal static class Runs
{
    public static async Task RunAsync(int pairs, int messages, int calls, IReadOnlyCollection<Part> parts, IReadOnlyCollection<WindowSizing> windows)
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        List<Contestant> contestants = [new(ClientKind.Raw, WindowSizing.Dynamic, server)];
        try
        {
            contestants.AddRange(windows.Select(sizing => new Contestant(ClientKind.Grpc, sizing, server)));
            await RunAsync(new Contest(contestants, pairs), messages, calls, parts);
        }
        finally
        {
            foreach (Contestant contestant in contestants)
            {
                await contestant.DisposeAsync();
            }
        }
    }

    private static async Task RunAsync(Contest contest, int messages, int calls, IReadOnlyCollection<Part> parts)
    {
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
