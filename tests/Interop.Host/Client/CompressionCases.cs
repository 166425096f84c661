using AdamGrpc.Interop.Wire;
using Grpc.Core;

namespace AdamGrpc.Interop.Client;

/// <summary>
/// Compression, message by message. The cases about requests begin with a lie: a request that says it is compressed and is not. A server
/// that takes it does not look.
/// </summary>
internal static class CompressionCases
{
    private const int FirstRequestBytes = 27_182;
    private const int SecondRequestBytes = 45_904;
    private const int FirstResponseBytes = 31_415;
    private const int SecondResponseBytes = 92_653;

    public static async Task ClientUnaryAsync(Peer peer)
    {
        CallOptions uncompressed = new(Peer.Compressing, writeOptions: Peer.NoCompress);
        await Check.FailsAsync(StatusCode.InvalidArgument, async () => await peer.Test.UnaryCallAsync(Expecting(true), uncompressed));
        UnaryCases.CheckLarge(await peer.Test.UnaryCallAsync(Expecting(true), Peer.Compressing));
        UnaryCases.CheckLarge(await peer.Test.UnaryCallAsync(Expecting(false), uncompressed));
        UnaryCases.CheckLarge(await peer.Test.UnaryCallAsync(Expecting(false)));
    }

    public static async Task ServerUnaryAsync(Peer peer)
    {
        foreach (bool isCompressed in new[] { true, false })
        {
            int before = peer.CompressedResponses;
            SimpleRequest request = UnaryCases.LargeRequest;
            request.ResponseCompressed = new BoolValue { Value = isCompressed };
            UnaryCases.CheckLarge(await peer.Test.UnaryCallAsync(request));
            Check.Equal(isCompressed ? 1 : 0, peer.CompressedResponses - before, "compressed responses");
        }
    }

    public static async Task ClientStreamingAsync(Peer peer)
    {
        await Check.FailsAsync(StatusCode.InvalidArgument, async () =>
        {
            using AsyncClientStreamingCall<StreamingInputCallRequest, StreamingInputCallResponse> lie =
                peer.Test.StreamingInputCall(Peer.Compressing);
            lie.RequestStream.WriteOptions = Peer.NoCompress;
            await lie.RequestStream.WriteAsync(Expecting(true, FirstRequestBytes));
            await lie.RequestStream.CompleteAsync();
            await lie;
        });

        using AsyncClientStreamingCall<StreamingInputCallRequest, StreamingInputCallResponse> call =
            peer.Test.StreamingInputCall(Peer.Compressing);
        await call.RequestStream.WriteAsync(Expecting(true, FirstRequestBytes));
        call.RequestStream.WriteOptions = Peer.NoCompress;
        await call.RequestStream.WriteAsync(Expecting(false, SecondRequestBytes));
        await call.RequestStream.CompleteAsync();
        Check.Equal(FirstRequestBytes + SecondRequestBytes, (await call).AggregatedPayloadSize, "aggregated size");
    }

    public static async Task ServerStreamingAsync(Peer peer)
    {
        int before = peer.CompressedResponses;
        using AsyncServerStreamingCall<StreamingOutputCallResponse> call = peer.Test.StreamingOutputCall(new StreamingOutputCallRequest
        {
            ResponseParameters = { Compressing(true, FirstResponseBytes), Compressing(false, SecondResponseBytes) },
        });
        await StreamingCases.CheckNextAsync(call.ResponseStream, FirstResponseBytes);
        Check.Equal(1, peer.CompressedResponses - before, "compressed responses after the first");
        await StreamingCases.CheckNextAsync(call.ResponseStream, SecondResponseBytes);
        await StreamingCases.CheckEndAsync(call.ResponseStream);
        Check.Equal(1, peer.CompressedResponses - before, "compressed responses after the second");
    }

    private static SimpleRequest Expecting(bool isCompressed)
    {
        SimpleRequest request = UnaryCases.LargeRequest;
        request.ExpectCompressed = new BoolValue { Value = isCompressed };
        return request;
    }

    private static StreamingInputCallRequest Expecting(bool isCompressed, int size) =>
        new() { ExpectCompressed = new BoolValue { Value = isCompressed }, Payload = Payloads.Create(size) };

    private static ResponseParameters Compressing(bool isCompressed, int size) =>
        new() { Compressed = new BoolValue { Value = isCompressed }, Size = size };
}
