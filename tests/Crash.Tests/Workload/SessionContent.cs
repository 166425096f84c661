using Adam.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Crash.Tests.Workload;

/// <summary>Everything that a session holds, bit by bit.</summary>
internal sealed record SessionContent(Session Description, IReadOnlyDictionary<(uint Tensor, Slot Slot), byte[]> Arrays)
{
    private static readonly Slot[] Slots =
        [Slot.Weights, Slot.FirstMoment, Slot.SecondMoment, Slot.MaxSecondMoment, Slot.Average, Slot.Accumulator, Slot.RowSteps];

    /// <summary>Reads a session.</summary>
    public static async Task<SessionContent> ReadAsync(ChannelBase channel, string sessionId)
    {
        var session = new SessionRef { SessionId = sessionId };
        var described = await new Sessions.SessionsClient(channel).GetSessionAsync(new GetSessionRequest { Session = session });
        var arrays = new Dictionary<(uint, Slot), byte[]>();
        foreach (var slot in Slots)
        {
            await ReadAsync(channel, session, slot, arrays);
        }

        return new SessionContent(described.Session, arrays);
    }

    /// <summary>Says that two sessions hold the same, but for what tells them apart.</summary>
    public void AssertSame(SessionContent actual)
    {
        Assert.Equal(Description.Version, actual.Description.Version);
        Assert.Equal(Description.Groups, actual.Description.Groups);
        Assert.Equal(Description.LossScale, actual.Description.LossScale);
        Assert.Equal(Description.Labels, actual.Description.Labels);
        Assert.Equal(
            Description.Workers.Select(static worker => (worker.WorkerId, worker.NextSequence)),
            actual.Description.Workers.Select(static worker => (worker.WorkerId, worker.NextSequence)));
        Assert.Equal(Arrays.Keys.Order(), actual.Arrays.Keys.Order());
        foreach (var (array, bytes) in Arrays)
        {
            Assert.True(bytes.AsSpan().SequenceEqual(actual.Arrays[array]), $"Tensor {array.Tensor} of '{Description.SessionId}' differs in {array.Slot}.");
        }
    }

    // A slot that no tensor has is refused.
    private static async Task ReadAsync(ChannelBase channel, SessionRef session, Slot slot, Dictionary<(uint, Slot), byte[]> arrays)
    {
        try
        {
            using var call = new Training.TrainingClient(channel).ReadTensors(new ReadTensorsRequest { Session = session, Slots = { slot } });
            while (await call.ResponseStream.MoveNext())
            {
                if (call.ResponseStream.Current.Chunk is { } chunk)
                {
                    var key = (chunk.TensorIndex, slot);
                    arrays[key] = [.. arrays.GetValueOrDefault(key, []), .. chunk.Data.Span];
                }
            }
        }
        catch (RpcException none) when (none.StatusCode == StatusCode.InvalidArgument)
        {
        }
    }
}
