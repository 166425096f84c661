using Adam.V1;

namespace Adam.Service.Tests.Support;

/// <summary>Messages that many tests send.</summary>
internal static class Requests
{
    private static int _ids;

    /// <summary>An id that no other test uses.</summary>
    public static string NewId() => $"s-{Interlocked.Increment(ref _ids)}";

    public static SessionRef Ref(string sessionId) => new() { SessionId = sessionId };

    /// <summary>A session of tensors of rank 1, named t0, t1, …, with these values and Keras's defaults.</summary>
    public static CreateSessionRequest Create(string sessionId, params float[][] initial) => Create(sessionId, new AdamConfig(), initial);

    public static CreateSessionRequest Create(string sessionId, AdamConfig settings, params float[][] initial) => new()
    {
        SessionId = sessionId,
        Optimizer = new OptimizerConfig { Groups = { settings } },
        Tensors = { initial.Select((values, index) => new TensorSpec { Name = $"t{index}", Shape = { values.Length } }) },
        InitialValues = { initial.Select((values, index) => Data(index, values)) },
    };

    public static TensorData Data(int tensor, float[] values, DType dtype = DType.Unspecified) =>
        new() { TensorIndex = (uint)tensor, Dtype = dtype, Data = Floats.ToBytes(values, dtype) };

    public static TensorChunk Chunk(int tensor, int offset, ReadOnlySpan<float> values, DType dtype = DType.Unspecified) =>
        new() { TensorIndex = (uint)tensor, Offset = (ulong)offset, Dtype = dtype, Data = Floats.ToBytes(values, dtype) };

    /// <summary>A tensor cut into chunks of so many elements, in order.</summary>
    public static IEnumerable<TensorChunk> Chunks(int tensor, float[] values, int elements, DType dtype = DType.Unspecified)
    {
        for (var offset = 0; offset < values.Length; offset += elements)
        {
            yield return Chunk(tensor, offset, values.AsSpan(offset, Math.Min(elements, values.Length - offset)), dtype);
        }
    }

    public static BatchBegin Begin(ulong sequence, ReplyKind reply = ReplyKind.Weights) =>
        new() { Sequence = sequence, AllTensors = new AllTensors(), Reply = new ReplySpec { Kind = reply } };

    public static TensorIndexes Indexes(params int[] indexes) => new() { Indexes = { indexes.Select(index => (uint)index) } };

    public static StepRequest Step(string sessionId, string worker, BatchBegin begin, params float[][] gradients) => new()
    {
        Session = Ref(sessionId),
        WorkerId = worker,
        Begin = begin,
        Gradients = { gradients.Select((values, index) => Data(index, values)) },
    };
}
