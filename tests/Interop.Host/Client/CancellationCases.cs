using AdamGrpc.Interop.Wire;
using Grpc.Core;

namespace AdamGrpc.Interop.Client;

/// <summary>Calls that their client ends.</summary>
internal static class CancellationCases
{
    private static readonly TimeSpan ShortTime = TimeSpan.FromMilliseconds(1);

    public static async Task AfterBeginAsync(Peer peer)
    {
        using CancellationTokenSource cancellation = new();
        using AsyncClientStreamingCall<StreamingInputCallRequest, StreamingInputCallResponse> call =
            peer.Test.StreamingInputCall(cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();
        await Check.FailsAsync(StatusCode.Cancelled, async () => await call);
        Check.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode, "status");
    }

    public static async Task AfterFirstResponseAsync(Peer peer)
    {
        using CancellationTokenSource cancellation = new();
        using AsyncDuplexStreamingCall<StreamingOutputCallRequest, StreamingOutputCallResponse> call =
            peer.Test.FullDuplexCall(cancellationToken: cancellation.Token);
        await call.RequestStream.WriteAsync(StreamingCases.FirstRequest);
        await StreamingCases.CheckFirstAsync(call.ResponseStream);
        await cancellation.CancelAsync();
        await Check.FailsAsync(StatusCode.Cancelled, () => call.ResponseStream.MoveNext(CancellationToken.None));
    }

    public static async Task TimeoutAsync(Peer peer)
    {
        DateTime deadline = (TimeProvider.System.GetUtcNow() + ShortTime).UtcDateTime;
        using AsyncDuplexStreamingCall<StreamingOutputCallRequest, StreamingOutputCallResponse> call =
            peer.Test.FullDuplexCall(deadline: deadline);
        await Check.FailsAsync(StatusCode.DeadlineExceeded, async () =>
        {
            // Without an answer asked for, the server sleeps. The write may fail already.
            await call.RequestStream.WriteAsync(new StreamingOutputCallRequest { Payload = StreamingCases.FirstRequest.Payload });
            await call.ResponseStream.MoveNext(CancellationToken.None);
        });
        Check.Equal(StatusCode.DeadlineExceeded, call.GetStatus().StatusCode, "status");
    }
}
