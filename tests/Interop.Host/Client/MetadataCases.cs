using AdamGrpc.Interop.Wire;
using Grpc.Core;

namespace AdamGrpc.Interop.Client;

/// <summary>Metadata there and back.</summary>
internal static class MetadataCases
{
    private const string InitialKey = "x-grpc-test-echo-initial";
    private const string InitialValue = "test_initial_metadata_value";
    private const string TrailingKey = "x-grpc-test-echo-trailing-bin";

    private static readonly byte[] TrailingValue = [0xAB, 0xAB, 0xAB];

    private static Metadata Sent => new() { { InitialKey, InitialValue }, { TrailingKey, TrailingValue } };

    public static async Task CustomAsync(Peer peer)
    {
        using (AsyncUnaryCall<SimpleResponse> call = peer.Test.UnaryCallAsync(UnaryCases.LargeRequest, Sent))
        {
            UnaryCases.CheckLarge(await call);
            CheckEcho(await call.ResponseHeadersAsync, call.GetTrailers());
        }

        using (AsyncDuplexStreamingCall<StreamingOutputCallRequest, StreamingOutputCallResponse> call = peer.Test.FullDuplexCall(Sent))
        {
            await call.RequestStream.WriteAsync(StreamingCases.FirstRequest);
            await StreamingCases.CheckFirstAsync(call.ResponseStream);
            await call.RequestStream.CompleteAsync();
            await StreamingCases.CheckEndAsync(call.ResponseStream);
            CheckEcho(await call.ResponseHeadersAsync, call.GetTrailers());
        }
    }

    private static void CheckEcho(Metadata headers, Metadata trailers)
    {
        Check.Equal(InitialValue, headers.GetValue(InitialKey), "header");
        Check.Equal(Convert.ToHexString(TrailingValue), Convert.ToHexString(trailers.GetValueBytes(TrailingKey) ?? []), "trailer");
    }
}
