using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Tests.Support;

/// <summary>Messages with lists of rows.</summary>
internal static class Rows
{
    /// <summary>A session of one tensor of a shape, and its values.</summary>
    public static CreateSessionRequest Create(string sessionId, RowUpdates rowUpdates, AdamConfig settings, float[] initial, params long[] shape) => new()
    {
        SessionId = sessionId,
        Optimizer = new OptimizerConfig { Groups = { settings } },
        Tensors = { new TensorSpec { Name = "embedding/embeddings", Shape = { shape }, RowUpdates = rowUpdates } },
        InitialValues = { Requests.Data(0, initial) },
    };

    /// <summary>A piece of a list.</summary>
    public static TensorChunk Chunk(int tensor, int place, long[] ids, ReadOnlySpan<float> values, DType dtype = DType.Unspecified)
    {
        var chunk = Requests.Chunk(tensor, place, values, dtype);
        chunk.RowIds = new RowIds { Ids = { ids } };
        return chunk;
    }

    /// <summary>A list cut into chunks of so many rows, in order.</summary>
    public static IEnumerable<TensorChunk> Chunks(int tensor, long[] ids, float[] values, int rows)
    {
        var length = values.Length / ids.Length;
        for (var place = 0; place < ids.Length; place += rows)
        {
            var count = Math.Min(rows, ids.Length - place);
            yield return Chunk(tensor, place, ids[place..(place + count)], values.AsSpan(place * length, count * length));
        }
    }

    /// <summary>The dense gradient of a list, its duplicates added in order.</summary>
    public static float[] ToDense(long[] ids, float[] values, int rows)
    {
        var length = values.Length / ids.Length;
        var dense = new float[rows * length];
        var seen = new HashSet<long>();
        for (var place = 0; place < ids.Length; place++)
        {
            var isFirst = seen.Add(ids[place]);
            for (var i = 0; i < length; i++)
            {
                ref var sum = ref dense[(ids[place] * length) + i];
                sum = isFirst ? values[(place * length) + i] : sum + values[(place * length) + i];
            }
        }

        return dense;
    }

    /// <summary>Puts a reply's rows into the weights that a client has.</summary>
    public static float[] Patch(float[] weights, IEnumerable<TensorChunk> chunks, int length)
    {
        float[] patched = [.. weights];
        foreach (var chunk in chunks)
        {
            var values = Floats.FromBytes(chunk.Data, chunk.Dtype);
            for (var i = 0; i < chunk.RowIds.Ids.Count; i++)
            {
                values.AsSpan(i * length, length).CopyTo(patched.AsSpan((int)chunk.RowIds.Ids[i] * length));
            }
        }

        return patched;
    }

    /// <summary>int32 numbers as they come.</summary>
    public static int[] Counts(ByteString data) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(data.Span).ToArray();
}
