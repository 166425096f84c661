using Adam.V1;
using Google.Protobuf;
using Grpc.Net.Client;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>The service by the generated client and one call for each step: gradients in the request, weights in the response.</summary>
internal sealed class UnaryPeer : IPeer
{
    private readonly GrpcChannel? _owned;
    private readonly Training.TrainingClient _training;
    private readonly StepRequest _request;

    private UnaryPeer(GrpcChannel channel, bool ownsChannel, StepRequest request)
    {
        _owned = ownsChannel ? channel : null;
        _training = new Training.TrainingClient(channel);
        _request = request;
    }

    public string Name => "unary Step, TCP";

    /// <summary>Makes a session.</summary>
    /// <param name="url">Where the service is.</param>
    /// <param name="workload">The model.</param>
    /// <param name="shared">A channel that others use too. Null: one of its own.</param>
    public static async Task<UnaryPeer> StartAsync(string url, Workload workload, GrpcChannel? shared = null)
    {
        var channel = shared ?? GrpcChannel.ForAddress(url);
        var create = new CreateSessionRequest
        {
            Tensors = { workload.Lengths.Select((length, index) => new TensorSpec { Name = $"t{index}", Shape = { length } }) },
            InitialValues = { workload.Lengths.Select((length, index) => Data(index, length)) },
        };
        var created = await new Sessions.SessionsClient(channel).CreateSessionAsync(create);
        return new UnaryPeer(channel, shared is null, new StepRequest
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
        _owned?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static TensorData Data(int index, long length) =>
        new() { TensorIndex = (uint)index, Data = UnsafeByteOperations.UnsafeWrap(new byte[length * sizeof(float)]) };
}
