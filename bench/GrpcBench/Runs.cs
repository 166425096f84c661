using System.Globalization;

namespace Adam.Bench.GrpcBench;

/// <summary>All contests.</summary>
internal static class Runs
{
    public static async Task RunAsync(int pairs, int messages, int calls)
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        using var raw = new RawClient(server.RawPort);
        using var grpc = new GrpcClient(server.GrpcPort);
        double gigabytes = (double)messages * Payload.MessageBytes / 1e9;
        Console.WriteLine("| | raw HTTP/2, defaults | gRPC | ratio (quartiles) | garbage for each message, client and server |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        await Contest.RunAsync("echo, each way", pairs, gigabytes, "GB/s", () => raw.EchoAsync(messages), () => grpc.EchoAsync(messages), () => GarbageAsync(grpc, grpc.EchoAsync, messages));
        await Contest.RunAsync("upload", pairs, gigabytes, "GB/s", () => raw.UploadAsync(messages), () => grpc.UploadAsync(messages), () => GarbageAsync(grpc, grpc.UploadAsync, messages));
        await Contest.RunAsync("download", pairs, gigabytes, "GB/s", () => raw.DownloadAsync(messages), () => grpc.DownloadAsync(messages), () => GarbageAsync(grpc, grpc.DownloadAsync, messages));
        await Contest.RunAsync("unary, 100 bytes", pairs, calls / 1e3, "k/s", () => raw.UnaryAsync(calls), () => grpc.UnaryAsync(calls));
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
