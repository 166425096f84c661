using Adam.V1;
using Google.Protobuf;
using Grpc.Net.Client;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>The service by the generated client and one call for each step: gradients in the request, weights in the response.</summary>
internal sealed class UnaryPeer : IPeer
{
    private readonly GrpcChannel _channel;
    private readonly Training.TrainingClient _training;
    private readonly StepRequest _request;

    private UnaryPeer(GrpcChannel channel, StepRequest request)
    {
        _channel = channel;
        _training = new Training.TrainingClient(channel);
        _request = request;
    }

    public string Name => "unary Step, TCP";

    public static async Task<UnaryPeer> StartAsync(string url, Workload workload)
    {
        var channel = GrpcChannel.ForAddress(url);
        var create = new CreateSessionRequest
        {
            Tensors = { workload.Lengths.Select((length, index) => new TensorSpec { Name = $"t{index}", Shape = { length } }) },
            InitialValues = { workload.Lengths.Select((length, index) => Data(index, length)) },
        };
        var created = await new Sessions.SessionsClient(channel).CreateSessionAsync(create);
        return new UnaryPeer(channel, new StepRequest
        {
            Session = new SessionRef { SessionId = created.Session.SessionId },
            WorkerId = "unary",
            Begin = new BatchBegin { Sequence = 1, AllTensors = new AllTensors() },
            Gradients = { workload.Lengths.Select((length, index) => Data(index, length)) },
        });
    }

    public async Task StepAsync()
    {
        using var call = _training.StepAsync(_request);
        var response = await call.ResponseAsync;
        if (response.Result.Outcome != BatchOutcome.Applied)
        {
            throw new InvalidOperationException($"A step was {response.Result.Outcome}.");
        }

        _request.Begin.Sequence++;
    }

    public ValueTask DisposeAsync()
    {
        _channel.Dispose();
        return ValueTask.CompletedTask;
    }

    private static TensorData Data(int index, long length) =>
        new() { TensorIndex = (uint)index, Data = UnsafeByteOperations.UnsafeWrap(new byte[length * sizeof(float)]) };
}
