using AdamGrpc.Interop.Wire;
using Grpc.Core;

namespace AdamGrpc.Interop.Server;

/// <summary>The service of the tests. Its base answers what it leaves out with UNIMPLEMENTED.</summary>
internal sealed class InteropService : TestService.TestServiceBase
{
    private const long TicksPerMicrosecond = 10;

    public override async Task<Empty> EmptyCall(Empty request, ServerCallContext context)
    {
        await MetadataEcho.SendAsync(context);
        return new Empty();
    }

    public override async Task<SimpleResponse> UnaryCall(SimpleRequest request, ServerCallContext context)
    {
        RequestCompression.Check(request.ExpectCompressed, RequestCompression.Count == 1);
        await MetadataEcho.SendAsync(context);
        ThrowIfAsked(request.ResponseStatus);
        context.WriteOptions = OptionsOf(request.ResponseCompressed);
        return new SimpleResponse { Payload = Payloads.Create(request.ResponseSize) };
    }

    public override async Task<StreamingInputCallResponse> StreamingInputCall(
        IAsyncStreamReader<StreamingInputCallRequest> requestStream, ServerCallContext context)
    {
        int compressedBefore = 0;
        StreamingInputCallResponse response = new();
        await foreach (StreamingInputCallRequest request in requestStream.ReadAllAsync())
        {
            int compressed = RequestCompression.Count;
            RequestCompression.Check(request.ExpectCompressed, compressed > compressedBefore);
            compressedBefore = compressed;
            response.AggregatedPayloadSize += request.Payload.Body.Length;
        }

        return response;
    }

    public override async Task StreamingOutputCall(
        StreamingOutputCallRequest request, IServerStreamWriter<StreamingOutputCallResponse> responseStream, ServerCallContext context)
    {
        await MetadataEcho.SendAsync(context);
        await AnswerAsync(request, responseStream, context);
    }

    public override async Task FullDuplexCall(
        IAsyncStreamReader<StreamingOutputCallRequest> requestStream,
        IServerStreamWriter<StreamingOutputCallResponse> responseStream,
        ServerCallContext context)
    {
        await MetadataEcho.SendAsync(context);
        await foreach (StreamingOutputCallRequest request in requestStream.ReadAllAsync())
        {
            await AnswerAsync(request, responseStream, context);
        }
    }

    public override async Task HalfDuplexCall(
        IAsyncStreamReader<StreamingOutputCallRequest> requestStream,
        IServerStreamWriter<StreamingOutputCallResponse> responseStream,
        ServerCallContext context)
    {
        List<StreamingOutputCallRequest> requests = [];
        await foreach (StreamingOutputCallRequest request in requestStream.ReadAllAsync())
        {
            requests.Add(request);
        }

        foreach (StreamingOutputCallRequest request in requests)
        {
            await AnswerAsync(request, responseStream, context);
        }
    }

    private static async Task AnswerAsync(
        StreamingOutputCallRequest request, IServerStreamWriter<StreamingOutputCallResponse> responses, ServerCallContext context)
    {
        ThrowIfAsked(request.ResponseStatus);
        foreach (ResponseParameters parameters in request.ResponseParameters)
        {
            if (parameters.IntervalUs > 0)
            {
                await Task.Delay(TimeSpan.FromTicks(parameters.IntervalUs * TicksPerMicrosecond), context.CancellationToken);
            }

            responses.WriteOptions = OptionsOf(parameters.Compressed);
            await responses.WriteAsync(new StreamingOutputCallResponse { Payload = Payloads.Create(parameters.Size) });
        }
    }

    private static WriteOptions OptionsOf(BoolValue? isCompressed) =>
        isCompressed is { Value: true } ? WriteOptions.Default : new WriteOptions(WriteFlags.NoCompress);

    private static void ThrowIfAsked(EchoStatus? status)
    {
        if (status is not null && status.Code != 0)
        {
            throw new RpcException(new Status((StatusCode)status.Code, status.Message));
        }
    }
}
