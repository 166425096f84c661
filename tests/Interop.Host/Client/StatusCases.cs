using AdamGrpc.Interop.Wire;
using Grpc.Core;

namespace AdamGrpc.Interop.Client;

/// <summary>Calls that end with a status other than OK.</summary>
internal static class StatusCases
{
    private const string PlainMessage = "test status message";
    private const string SpecialMessage = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";

    public static async Task CodeAndMessageAsync(Peer peer)
    {
        await CheckUnaryAsync(peer, PlainMessage);
        Status status = await Check.FailsAsync(StatusCode.Unknown, async () =>
        {
            using AsyncDuplexStreamingCall<StreamingOutputCallRequest, StreamingOutputCallResponse> call = peer.Test.FullDuplexCall();
            await call.RequestStream.WriteAsync(new StreamingOutputCallRequest { ResponseStatus = Asked(PlainMessage) });
            await call.RequestStream.CompleteAsync();
            await StreamingCases.CheckEndAsync(call.ResponseStream);
        });
        Check.Equal(PlainMessage, status.Detail, "message");
    }

    public static Task SpecialMessageAsync(Peer peer) => CheckUnaryAsync(peer, SpecialMessage);

    public static Task UnimplementedMethodAsync(Peer peer) =>
        Check.FailsAsync(StatusCode.Unimplemented, async () => await peer.Test.UnimplementedCallAsync(new Empty()));

    public static Task UnimplementedServiceAsync(Peer peer) =>
        Check.FailsAsync(StatusCode.Unimplemented, async () => await peer.Unimplemented.UnimplementedCallAsync(new Empty()));

    private static async Task CheckUnaryAsync(Peer peer, string message)
    {
        Status status = await Check.FailsAsync(
            StatusCode.Unknown, async () => await peer.Test.UnaryCallAsync(new SimpleRequest { ResponseStatus = Asked(message) }));
        Check.Equal(message, status.Detail, "message");
    }

    private static EchoStatus Asked(string message) => new() { Code = (int)StatusCode.Unknown, Message = message };
}
