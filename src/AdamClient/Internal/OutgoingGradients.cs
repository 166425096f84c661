using System.Buffers;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Adam.Client.Internal;

/// <summary>The gradients of one batch on their way: encoded, cut into chunks, and summed up in a digest if that is asked for.</summary>
internal sealed class OutgoingGradients
{
    private readonly GradientBatch _batch;
    private readonly GradientEncoding _encoding;
    private readonly EncodedGradient?[] _encoded;
    private readonly bool _withDigest;
    private V1.GradientDigest? _digest;
    private ulong _chunkBytesMax;
    private float[]? _block;

    /// <summary>Prepares them; nothing is read or sent yet.</summary>
    /// <param name="batch">The gradients.</param>
    /// <param name="encoding">How those of float32 go.</param>
    /// <param name="feedback">What earlier encodings cut off; null if that is forgotten.</param>
    /// <param name="withDigest">Whether to sum up what the service will read.</param>
    /// <param name="tensors">The tensors of the session.</param>
    /// <exception cref="ArgumentException">There is no such encoding, or the feedback does not fit the tensors.</exception>
    public OutgoingGradients(GradientBatch batch, GradientEncoding encoding, ErrorFeedback? feedback, bool withDigest, IReadOnlyList<TensorSpec> tensors)
    {
        if (!Enum.IsDefined(encoding))
        {
            throw new ArgumentException($"{(int)encoding} is not an encoding of gradients.", nameof(encoding));
        }

        _batch = batch;
        _encoding = encoding;
        _encoded =
        [
            .. batch.Gradients.Select(gradient => IsEncoded(gradient) ? new EncodedGradient(gradient, feedback, tensors[gradient.TensorIndex]) : null),
        ];
        _withDigest = withDigest;
    }

    // Most batches go as they are and need none.
    private float[] Block => _block ??= new float[GradientCoding.BlockElements];

    /// <summary>Whether what is sent depends on what became of the batch before.</summary>
    public bool HasFeedback => Array.Exists(_encoded, static gradient => gradient is { HasFeedback: true });

    /// <summary>Sends all chunks. Until <see cref="KeepResiduals"/> they are the same each time, as long as the gradients are.</summary>
    /// <param name="connection">Where to.</param>
    /// <returns>The digest; null if none was asked for.</returns>
    /// <exception cref="StreamEndedException">The stream has ended.</exception>
    public async Task<V1.BatchDigest?> SendAsync(TrainConnection connection)
    {
        (_digest, _chunkBytesMax) = (_withDigest ? new V1.GradientDigest() : null, connection.ChunkBytesMax);
        for (var position = 0; position < _encoded.Length; position++)
        {
            var gradient = _batch.Gradients[position];
            Begin(gradient);
            await (_encoded[position] is { } encoded
                ? SendEncodedAsync(connection.Stream, encoded)
                : SendAsync(connection.Stream, Chunks(gradient), gradient.Values.DType));
        }

        return _digest is null ? null : new V1.BatchDigest { Crc32C = _digest.Finish() };
    }

    /// <summary>Keeps what was cut off, after the batch was taken. The gradients must still be what they were.</summary>
    public void KeepResiduals()
    {
        foreach (var encoded in _encoded)
        {
            if (encoded is not { HasFeedback: true })
            {
                continue;
            }

            var wanted = new float[GradientCoding.BlockElements];
            var elementsMax = encoded.ElementsMax(_encoding, _chunkBytesMax);
            var chunk = new byte[GradientCoding.Bytes(_encoding, GradientCoding.BlockElements)];
            for (var rest = encoded.Length; rest > 0; rest -= elementsMax)
            {
                KeepResidualsOf(encoded, encoded.Length - rest, Math.Min(elementsMax, rest), wanted, chunk);
            }
        }
    }

    private static V1.DType WireType(GradientEncoding encoding) => encoding switch
    {
        GradientEncoding.BFloat16 => V1.DType.Bfloat16,
        GradientEncoding.Float16 => V1.DType.Float16,
        _ => V1.DType.Int8Blocks,
    };

    private bool IsEncoded(in TensorGradient gradient) =>
        _encoding != GradientEncoding.AsGiven && gradient.Values.DType == TensorDType.Float32 && !gradient.Values.IsEmpty;

    private void Begin(in TensorGradient gradient)
    {
        if (gradient.RowIds is { } rows)
        {
            _digest?.BeginRows((uint)gradient.TensorIndex, rows.Span);
        }
        else
        {
            _digest?.BeginTensor((uint)gradient.TensorIndex, (ulong)gradient.Values.Length);
        }
    }

    private IEnumerable<V1.TensorChunk> Chunks(in TensorGradient gradient) => gradient.RowIds is { } rows
        ? TensorChunks.CutRows(gradient.TensorIndex, rows, gradient.Values, _chunkBytesMax)
        : TensorChunks.Cut(gradient.TensorIndex, gradient.Values, V1.Slot.Unspecified, _chunkBytesMax);

    private async Task SendAsync(TrainStream stream, IEnumerable<V1.TensorChunk> chunks, TensorDType dtype)
    {
        foreach (var chunk in chunks)
        {
            Digest(dtype, chunk.Data.Span);
            await stream.SendAsync(new V1.TrainRequest { Chunk = chunk }, more: true);
        }
    }

    private async Task SendEncodedAsync(TrainStream stream, EncodedGradient gradient)
    {
        var elementsMax = gradient.ElementsMax(_encoding, _chunkBytesMax);
        var buffer = ArrayPool<byte>.Shared.Rent(GradientCoding.Bytes(_encoding, elementsMax));
        try
        {
            for (var rest = gradient.Length; rest > 0; rest -= elementsMax)
            {
                var (start, count) = (gradient.Length - rest, Math.Min(elementsMax, rest));
                var bytes = GradientCoding.Bytes(_encoding, count);
                Encode(gradient, start, buffer.AsSpan(0, bytes), count);
                var chunk = gradient.Describe(start, count);
                chunk.Dtype = WireType(_encoding);
                chunk.Data = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, bytes));
                await stream.SendAsync(new V1.TrainRequest { Chunk = chunk }, more: true);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Encode(EncodedGradient gradient, int start, Span<byte> chunk, int count)
    {
        // What the service will read is of interest only to a digest; a gradient to which something is added is not read where it lies.
        if (_digest is null && !gradient.HasFeedback && GradientCoding.TryEncode(_encoding, gradient.Given(start, count), chunk))
        {
            return;
        }

        for (var done = 0; done < count; done += GradientCoding.BlockElements)
        {
            var block = Block.AsSpan(0, Math.Min(GradientCoding.BlockElements, count - done));
            gradient.Take(start + done, block);
            GradientCoding.EncodeBlock(_encoding, block, chunk, done, count);
            _digest?.Append(block);
        }
    }

    // Block by block of a chunk, as it was sent: blocks begin anew with each chunk.
    private void KeepResidualsOf(EncodedGradient gradient, int start, int count, float[] room, byte[] chunk)
    {
        for (var done = 0; done < count; done += GradientCoding.BlockElements)
        {
            var sent = Block.AsSpan(0, Math.Min(GradientCoding.BlockElements, count - done));
            var wanted = room.AsSpan(0, sent.Length);
            gradient.Take(start + done, sent);
            sent.CopyTo(wanted);
            GradientCoding.EncodeBlock(_encoding, sent, chunk, 0, sent.Length);
            Residuals.Owe(wanted, sent);
            gradient.Keep(start + done, wanted);
        }
    }

    private void Digest(TensorDType dtype, ReadOnlySpan<byte> data)
    {
        if (_digest is null)
        {
            return;
        }

        if (dtype == TensorDType.Float32)
        {
            _digest.Append(MemoryMarshal.Cast<byte, float>(data));
            return;
        }

        for (var shorts = MemoryMarshal.Cast<byte, ushort>(data); !shorts.IsEmpty; shorts = shorts[Math.Min(Block.Length, shorts.Length)..])
        {
            var wide = Block.AsSpan(0, Math.Min(Block.Length, shorts.Length));
            if (dtype == TensorDType.Float16)
            {
                V1.ElementConversion.WidenFloat16(shorts[..wide.Length], wide);
            }
            else
            {
                V1.ElementConversion.WidenBFloat16(shorts[..wide.Length], wide);
            }

            _digest.Append(wide);
        }
    }
}
