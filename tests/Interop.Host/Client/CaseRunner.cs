using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;

namespace AdamGrpc.Interop.Client;

/// <summary>Runs cases by name, one after the other.</summary>
internal static class CaseRunner
{
    /// <summary>No case takes a tenth of it.</summary>
    private static readonly TimeSpan CaseTimeMax = TimeSpan.FromSeconds(10);

    private static readonly Dictionary<string, Func<Peer, Task>> Cases = new()
    {
        ["empty_unary"] = UnaryCases.EmptyAsync,
        ["large_unary"] = UnaryCases.LargeAsync,
        ["client_streaming"] = StreamingCases.ClientAsync,
        ["server_streaming"] = StreamingCases.ServerAsync,
        ["ping_pong"] = StreamingCases.PingPongAsync,
        ["empty_stream"] = StreamingCases.EmptyAsync,
        ["client_compressed_unary"] = CompressionCases.ClientUnaryAsync,
        ["server_compressed_unary"] = CompressionCases.ServerUnaryAsync,
        ["client_compressed_streaming"] = CompressionCases.ClientStreamingAsync,
        ["server_compressed_streaming"] = CompressionCases.ServerStreamingAsync,
        ["status_code_and_message"] = StatusCases.CodeAndMessageAsync,
        ["special_status_message"] = StatusCases.SpecialMessageAsync,
        ["custom_metadata"] = MetadataCases.CustomAsync,
        ["unimplemented_method"] = StatusCases.UnimplementedMethodAsync,
        ["unimplemented_service"] = StatusCases.UnimplementedServiceAsync,
        ["cancel_after_begin"] = CancellationCases.AfterBeginAsync,
        ["cancel_after_first_response"] = CancellationCases.AfterFirstResponseAsync,
        ["timeout_on_sleeping_server"] = CancellationCases.TimeoutAsync,
    };

    public static async Task<int> RunAsync(int port, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        using Peer peer = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        int exitCode = 0;
        foreach (string name in names)
        {
            string? failure = await FindFailureAsync(peer, name, cancellationToken);
            Console.WriteLine(failure is null ? $"{name} ok" : $"{name} FAIL: {failure.ReplaceLineEndings(" ")}");
            exitCode = failure is null ? exitCode : 1;
        }

        return exitCode;
    }

    private static async Task<string?> FindFailureAsync(Peer peer, string name, CancellationToken cancellationToken)
    {
        if (!Cases.TryGetValue(name, out Func<Peer, Task>? run))
        {
            return "there is no such case";
        }

        try
        {
            await run(peer).WaitAsync(CaseTimeMax, cancellationToken);
            return null;
        }
        catch (Exception exception) when (exception is CaseFailedException or RpcException or TimeoutException or InvalidOperationException)
        {
            return exception.Message;
        }
    }
}
