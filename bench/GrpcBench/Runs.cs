using System.Globalization;

namespace Adam.Bench.GrpcBench;

/// <summary>All contests.</summary>
internal static class Runs
{
    public const string Echo = "echo";
    public const string Upload = "upload";
    public const string Download = "download";
    public const string Unary = "unary";

    public static async Task RunAsync(int pairs, int messages, int calls, IReadOnlyCollection<string> parts)
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        using var raw = new RawClient(server.RawPort);
        using var grpc = new GrpcClient(server.GrpcPort);
        double gigabytes = (double)messages * Payload.MessageBytes / 1e9;
        var contest = new Contest(() => server.ProcessorTime, pairs);
        Console.WriteLine("| | raw HTTP/2, defaults | gRPC | ratio (quartiles) | processor time of a message or call | garbage of each, client and server |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (string part in parts)
        {
            await (part switch
            {
                Echo => contest.RunAsync("echo, each way", gigabytes, "GB/s", messages, () => raw.EchoAsync(messages), () => grpc.EchoAsync(messages), () => GarbageAsync(grpc, grpc.EchoAsync, messages)),
                Upload => contest.RunAsync("upload", gigabytes, "GB/s", messages, () => raw.UploadAsync(messages), () => grpc.UploadAsync(messages), () => GarbageAsync(grpc, grpc.UploadAsync, messages)),
                Download => contest.RunAsync("download", gigabytes, "GB/s", messages, () => raw.DownloadAsync(messages), () => grpc.DownloadAsync(messages), () => GarbageAsync(grpc, grpc.DownloadAsync, messages)),
                _ => contest.RunAsync("unary, 100 bytes", calls / 1e3, "k/s", calls, () => raw.UnaryAsync(calls), () => grpc.UnaryAsync(calls), () => GarbageAsync(grpc, grpc.UnaryAsync, calls)),
            });
        }
    }

    private static async Task<string> GarbageAsync(GrpcClient grpc, Func<int, Task> run, int messages)
    {
        long server = await grpc.ServerAllocatedAsync();
        long client = GC.GetTotalAllocatedBytes(precise: true);
        await run(messages);
        client = GC.GetTotalAllocatedBytes(precise: true) - client;
        server = await grpc.ServerAllocatedAsync() - server;
        return string.Create(CultureInfo.InvariantCulture, $"{client / messages:N0} and {server / messages:N0} bytes");
    }
}
