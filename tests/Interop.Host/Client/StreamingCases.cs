using AdamGrpc.Interop.Wire;
using Grpc.Core;

namespace AdamGrpc.Interop.Client;

/// <summary>Many requests, many responses.</summary>
internal static class StreamingCases
{
    private static readonly int[] RequestBytes = [27_182, 8, 1_828, 45_904];
    private static readonly int[] ResponseBytes = [31_415, 9, 2_653, 58_979];

    public static StreamingOutputCallRequest FirstRequest => Request(ResponseBytes[0], RequestBytes[0]);

    public static async Task ClientAsync(Peer peer)
    {
        using AsyncClientStreamingCall<StreamingInputCallRequest, StreamingInputCallResponse> call = peer.Test.StreamingInputCall();
        foreach (int size in RequestBytes)
        {
            await call.RequestStream.WriteAsync(new StreamingInputCallRequest { Payload = Payloads.Create(size) });
        }

        await call.RequestStream.CompleteAsync();
        Check.Equal(74_922, (await call).AggregatedPayloadSize, "aggregated size");
    }

    public static async Task ServerAsync(Peer peer)
    {
        StreamingOutputCallRequest request = new();
        request.ResponseParameters.Add(ResponseBytes.Select(size => new ResponseParameters { Size = size }));
        using AsyncServerStreamingCall<StreamingOutputCallResponse> call = peer.Test.StreamingOutputCall(request);
        foreach (int size in ResponseBytes)
        {
            await CheckNextAsync(call.ResponseStream, size);
        }

        await CheckEndAsync(call.ResponseStream);
    }

    public static async Task PingPongAsync(Peer peer)
    {
        using AsyncDuplexStreamingCall<StreamingOutputCallRequest, StreamingOutputCallResponse> call = peer.Test.FullDuplexCall();
        foreach ((int requestBytes, int responseBytes) in RequestBytes.Zip(ResponseBytes))
        {
            await call.RequestStream.WriteAsync(Request(responseBytes, requestBytes));
            await CheckNextAsync(call.ResponseStream, responseBytes);
        }

        await call.RequestStream.CompleteAsync();
        await CheckEndAsync(call.ResponseStream);
    }

    public static async Task EmptyAsync(Peer peer)
    {
        using AsyncDuplexStreamingCall<StreamingOutputCallRequest, StreamingOutputCallResponse> call = peer.Test.FullDuplexCall();
        await call.RequestStream.CompleteAsync();
        await CheckEndAsync(call.ResponseStream);
    }

    public static async Task CheckFirstAsync(IAsyncStreamReader<StreamingOutputCallResponse> responses) =>
        await CheckNextAsync(responses, ResponseBytes[0]);

    public static async Task CheckNextAsync(IAsyncStreamReader<StreamingOutputCallResponse> responses, int size)
    {
        Check.Equal(true, await responses.MoveNext(CancellationToken.None), "another response");
        Check.Equal(Payloads.Create(size), responses.Current.Payload, "payload");
    }

    public static async Task CheckEndAsync(IAsyncStreamReader<StreamingOutputCallResponse> responses) =>
        Check.Equal(false, await responses.MoveNext(CancellationToken.None), "another response");

    private static StreamingOutputCallRequest Request(int responseBytes, int requestBytes) => new()
    {
        ResponseParameters = { new ResponseParameters { Size = responseBytes } },
        Payload = Payloads.Create(requestBytes),
    };
}
