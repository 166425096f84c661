using Adam.Fuzz.Mutation;
using Adam.Service.Errors;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Fuzz.Targets.Requests;

/// <summary>The rpcs by number: how their requests are read, and how they are called.</summary>
internal static class Rpcs
{
    public const byte CreateSession = 0;
    public const byte GetSession = 1;
    public const byte ListSessions = 2;
    public const byte UpdateSession = 3;
    public const byte DeleteSession = 4;
    public const byte FinalizeSession = 5;
    public const byte Step = 6;
    public const byte GetBatchResult = 7;
    public const byte ReadTensors = 8;
    public const byte WriteTensors = 9;
    public const byte Train = 10;

    private const int Count = 11;

    /// <summary>Whether the rpc takes several requests.</summary>
    public static bool IsStream(byte kind) => kind % Count is WriteTensors or Train;

    /// <summary>Reads a request; null where it is none.</summary>
    public static IMessage? Parse(byte kind, byte[] bytes) => (kind % Count) switch
    {
        CreateSession => Envelope.Parse(CreateSessionRequest.Parser, bytes),
        GetSession => Envelope.Parse(GetSessionRequest.Parser, bytes),
        ListSessions => Envelope.Parse(ListSessionsRequest.Parser, bytes),
        UpdateSession => Envelope.Parse(UpdateSessionRequest.Parser, bytes),
        DeleteSession => Envelope.Parse(DeleteSessionRequest.Parser, bytes),
        FinalizeSession => Envelope.Parse(FinalizeSessionRequest.Parser, bytes),
        Step => Envelope.Parse(StepRequest.Parser, bytes),
        GetBatchResult => Envelope.Parse(GetBatchResultRequest.Parser, bytes),
        ReadTensors => Envelope.Parse(ReadTensorsRequest.Parser, bytes),
        WriteTensors => Envelope.Parse(WriteTensorsRequest.Parser, bytes),
        _ => Envelope.Parse(TrainRequest.Parser, bytes),
    };

    /// <summary>Makes a call.</summary>
    /// <returns>False if the requests are none: the reader of messages would have refused them.</returns>
    /// <exception cref="Grpc.Core.RpcException">The call is refused.</exception>
    public static async Task<bool> CallAsync(FuzzedService service, byte kind, IReadOnlyList<byte[]> messages)
    {
        var (sessions, training, context) = (service.Sessions, service.Training, new NoContext());
        return (kind % Count) switch
        {
            CreateSession => await UnaryAsync(CreateSessionRequest.Parser, messages, request => sessions.CreateSession(request, context)),
            GetSession => await UnaryAsync(GetSessionRequest.Parser, messages, request => sessions.GetSession(request, context)),
            ListSessions => await UnaryAsync(ListSessionsRequest.Parser, messages, request => sessions.ListSessions(request, context)),
            UpdateSession => await UnaryAsync(UpdateSessionRequest.Parser, messages, request => sessions.UpdateSession(request, context)),
            DeleteSession => await UnaryAsync(DeleteSessionRequest.Parser, messages, request => sessions.DeleteSession(request, context)),
            FinalizeSession => await UnaryAsync(FinalizeSessionRequest.Parser, messages, request => sessions.FinalizeSession(request, context)),
            Step => await UnaryAsync(StepRequest.Parser, messages, request => training.Step(request, context)),
            GetBatchResult => await UnaryAsync(GetBatchResultRequest.Parser, messages, request => training.GetBatchResult(request, context)),
            ReadTensors => await StreamAsync(
                ReadTensorsRequest.Parser, messages, requests => training.ReadTensors(requests[0], new ResponseCheck<ReadTensorsResponse>(), context)),
            WriteTensors => await StreamAsync(
                WriteTensorsRequest.Parser, messages, requests => training.WriteTensors(new RequestList<WriteTensorsRequest>(requests), context)),
            _ => await StreamAsync(TrainRequest.Parser, messages, requests => CallBoundary.RunAsync(() => service.Train.RunAsync(
                new RequestList<TrainRequest>(requests), new ResponseCheck<TrainResponse>(), new AnyPatience(), CancellationToken.None))),
        };
    }

    private static async Task<bool> UnaryAsync<TRequest, TResponse>(
        MessageParser<TRequest> parser, IReadOnlyList<byte[]> messages, Func<TRequest, Task<TResponse>> call)
        where TRequest : class, IMessage<TRequest>
        where TResponse : IMessage<TResponse>
    {
        if (Envelope.Parse(parser, messages[0]) is not { } request)
        {
            return false;
        }

        ResponseCheck<TResponse>.Check(await call(request));
        return true;
    }

    private static async Task<bool> StreamAsync<TRequest>(MessageParser<TRequest> parser, IReadOnlyList<byte[]> messages, Func<List<TRequest>, Task> call)
        where TRequest : class, IMessage<TRequest>
    {
        var requests = messages.Select(message => Envelope.Parse(parser, message)).ToList();
        if (requests.Contains(null))
        {
            return false;
        }

        await call(requests!);
        return true;
    }
}
