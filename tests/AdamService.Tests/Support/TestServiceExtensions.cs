using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.Support;

/// <summary>Calls that many tests make.</summary>
internal static class TestServiceExtensions
{
    public static async Task<V1.Session> CreateAsync(this TestService service, CreateSessionRequest request)
    {
        var response = await service.Sessions.CreateSessionAsync(request, TestService.Call());
        Assert.True(response.Created);
        return response.Session;
    }

    public static async Task<V1.Session> GetAsync(this TestService service, string sessionId) =>
        (await service.Sessions.GetSessionAsync(new GetSessionRequest { Session = Requests.Ref(sessionId) }, TestService.Call())).Session;

    public static async Task DeleteAsync(this TestService service, string sessionId) =>
        await service.Sessions.DeleteSessionAsync(new DeleteSessionRequest { Session = Requests.Ref(sessionId) }, TestService.Call());

    public static async Task<StepResponse> StepAsync(this TestService service, StepRequest request) =>
        await service.Training.StepAsync(request, TestService.Call());

    /// <summary>Reads everything that the request asks for.</summary>
    public static async Task<ReadResult> ReadAsync(this TestService service, ReadTensorsRequest request)
    {
        using var call = service.Training.ReadTensors(request, TestService.Call());
        var chunks = new List<TensorChunk>();
        var header = (await NextAsync(call)).Header;
        Assert.NotNull(header);
        if (header.Unchanged)
        {
            Assert.False(await call.ResponseStream.MoveNext(default));
            return new ReadResult(header, chunks);
        }

        while (await NextAsync(call) is var message && message.MessageCase != ReadTensorsResponse.MessageOneofCase.End)
        {
            Assert.Equal(ReadTensorsResponse.MessageOneofCase.Chunk, message.MessageCase);
            chunks.Add(message.Chunk);
        }

        Assert.Equal(header.Version, call.ResponseStream.Current.End.Version);
        Assert.False(await call.ResponseStream.MoveNext(default));
        return new ReadResult(header, chunks);
    }

    /// <summary>Reads slots of all tensors.</summary>
    public static Task<ReadResult> ReadAsync(this TestService service, string sessionId, params Slot[] slots) =>
        service.ReadAsync(new ReadTensorsRequest { Session = Requests.Ref(sessionId), Slots = { slots } });

    /// <summary>The weights of one tensor.</summary>
    public static async Task<float[]> ReadWeightsAsync(this TestService service, string sessionId, int tensor = 0) =>
        (await service.ReadAsync(sessionId, Slot.Weights)).Tensor(tensor, Slot.Weights);

    /// <summary>Writes tensors and commits.</summary>
    public static async Task<WriteTensorsResponse> WriteAsync(
        this TestService service, WriteBegin begin, WriteCommit commit, params TensorChunk[] chunks)
    {
        using var call = service.Training.WriteTensors(TestService.Call());
        await call.RequestStream.WriteAsync(new WriteTensorsRequest { Begin = begin });
        foreach (var chunk in chunks)
        {
            await call.RequestStream.WriteAsync(new WriteTensorsRequest { Chunk = chunk });
        }

        await call.RequestStream.WriteAsync(new WriteTensorsRequest { Commit = commit });
        await call.RequestStream.CompleteAsync();
        return await call.ResponseAsync;
    }

    /// <summary>Changes the learning rate.</summary>
    public static async Task<V1.Session> SetRateAsync(
        this TestService service, string sessionId, LearningRate rate, bool replaceSchedule = false)
    {
        var request = new UpdateSessionRequest
        {
            Session = Requests.Ref(sessionId),
            Update = new SessionUpdate { LearningRate = rate, ReplaceSchedule = replaceSchedule },
            UpdateMask = new Google.Protobuf.WellKnownTypes.FieldMask { Paths = { "learning_rate" } },
        };
        return (await service.Sessions.UpdateSessionAsync(request, TestService.Call())).Session;
    }

    private static async Task<ReadTensorsResponse> NextAsync(AsyncServerStreamingCall<ReadTensorsResponse> call)
    {
        Assert.True(await call.ResponseStream.MoveNext(default), "The stream ended too early.");
        return call.ResponseStream.Current;
    }
}
