using Grpc.Core;

namespace AdamGrpc.Interop.Server;

/// <summary>Two entries of metadata that servers of the tests send back.</summary>
internal static class MetadataEcho
{
    public const string Initial = "x-grpc-test-echo-initial";
    public const string Trailing = "x-grpc-test-echo-trailing-bin";

    public static async Task SendAsync(ServerCallContext context)
    {
        if (context.RequestHeaders.Get(Trailing) is { } trailing)
        {
            context.ResponseTrailers.Add(trailing);
        }

        if (context.RequestHeaders.Get(Initial) is { } initial)
        {
            await context.WriteResponseHeadersAsync([initial]);
        }
    }
}
