using System.Buffers;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Adam.Client.Internal;

/// <summary>The gradients of one batch on their way: encoded, cut into chunks, and summed up in a digest if that is asked for.</summary>
internal sealed class OutgoingGradients
{
    private readonly GradientBatch _batch;
    private readonly GradientEncoding _encoding;
    private readonly float[]?[] _residuals;
    private readonly bool _withDigest;
    private V1.GradientDigest? _digest;
    private ulong _chunkBytesMax;
    private float[]? _block;

    /// <summary>Prepares them; nothing is read or sent yet.</summary>
    /// <param name="batch">The gradients.</param>
    /// <param name="encoding">How those of float32 go.</param>
    /// <param name="feedback">What earlier encodings cut off; null if that is forgotten.</param>
    /// <param name="withDigest">Whether to sum up what the service will read.</param>
    /// <exception cref="ArgumentException">There is no such encoding, or the feedback does not fit the tensors.</exception>
    public OutgoingGradients(GradientBatch batch, GradientEncoding encoding, ErrorFeedback? feedback, bool withDigest)
    {
        if (!Enum.IsDefined(encoding))
        {
            throw new ArgumentException($"{(int)encoding} is not an encoding of gradients.", nameof(encoding));
        }

        _batch = batch;
        _encoding = encoding;
        _residuals =
        [
            .. batch.Gradients.Select(gradient => IsEncoded(gradient) ? feedback?.Of(gradient.TensorIndex, gradient.Values.Length) : null),
        ];
        _withDigest = withDigest;
    }

    // Most batches go as they are and need none.
    private float[] Block => _block ??= new float[GradientCoding.BlockElements];

    /// <summary>Whether what is sent depends on what became of the batch before.</summary>
    public bool HasFeedback => Array.Exists(_residuals, static residual => residual is not null);

    /// <summary>Sends all chunks. Until <see cref="KeepResiduals"/> they are the same each time, as long as the gradients are.</summary>
    /// <param name="connection">Where to.</param>
    /// <returns>The digest; null if none was asked for.</returns>
    /// <exception cref="StreamEndedException">The stream has ended.</exception>
    public async Task<V1.BatchDigest?> SendAsync(TrainConnection connection)
    {
        var stream = connection.Stream;
        (_digest, _chunkBytesMax) = (_withDigest ? new V1.GradientDigest() : null, connection.ChunkBytesMax);
        for (var position = 0; position < _batch.Gradients.Count; position++)
        {
            var (tensor, values) = _batch.Gradients[position];
            if (_batch.Gradients[position].RowIds is { } rows)
            {
                _digest?.BeginRows((uint)tensor, rows.Span);
                await SendAsync(stream, TensorChunks.CutRows(tensor, rows, values, _chunkBytesMax), values.DType);
                continue;
            }

            _digest?.BeginTensor((uint)tensor, (ulong)values.Length);
            if (IsEncoded(_batch.Gradients[position]))
            {
                await SendEncodedAsync(stream, position);
                continue;
            }

            await SendAsync(stream, TensorChunks.Cut(tensor, values, V1.Slot.Unspecified, _chunkBytesMax), values.DType);
        }

        return _digest is null ? null : new V1.BatchDigest { Crc32C = _digest.Finish() };
    }

    /// <summary>Keeps what was cut off, after the batch was taken. The gradients must still be what they were.</summary>
    public void KeepResiduals()
    {
        var encoded = new byte[GradientCoding.Bytes(_encoding, GradientCoding.BlockElements)];
        for (var position = 0; position < _residuals.Length; position++)
        {
            if (_residuals[position] is not { } residual)
            {
                continue;
            }

            for (var start = 0; start < residual.Length; start += GradientCoding.BlockElements)
            {
                KeepResidual(position, residual.AsSpan(start, Math.Min(GradientCoding.BlockElements, residual.Length - start)), start, encoded);
            }
        }
    }

    private async Task SendAsync(TrainStream stream, IEnumerable<V1.TensorChunk> chunks, TensorDType dtype)
    {
        foreach (var chunk in chunks)
        {
            Digest(dtype, chunk.Data.Span);
            await stream.SendAsync(new V1.TrainRequest { Chunk = chunk }, more: true);
        }
    }

    private bool IsEncoded(in TensorGradient gradient) =>
        _encoding != GradientEncoding.AsGiven && gradient.RowIds is null && gradient.Values.DType == TensorDType.Float32 && !gradient.Values.IsEmpty;

    private async Task SendEncodedAsync(TrainStream stream, int position)
    {
        var (tensor, values) = _batch.Gradients[position];
        var elementsMax = Math.Min(GradientCoding.ElementsMax(_encoding, _chunkBytesMax), values.Length);
        var buffer = ArrayPool<byte>.Shared.Rent(GradientCoding.Bytes(_encoding, elementsMax));
        try
        {
            for (var rest = values.Length; rest > 0; rest -= elementsMax)
            {
                var (start, count) = (values.Length - rest, Math.Min(elementsMax, rest));
                var bytes = GradientCoding.Bytes(_encoding, count);
                Encode(position, start, buffer.AsSpan(0, bytes), count);
                var chunk = new V1.TensorChunk
                {
                    TensorIndex = (uint)tensor,
                    Offset = (ulong)start,
                    Dtype = WireType(_encoding),
                    Data = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, bytes)),
                };
                await stream.SendAsync(new V1.TrainRequest { Chunk = chunk }, more: true);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Encode(int position, int start, Span<byte> chunk, int count)
    {
        for (var done = 0; done < count; done += GradientCoding.BlockElements)
        {
            var block = Take(position, start + done, Math.Min(GradientCoding.BlockElements, count - done));
            GradientCoding.EncodeBlock(_encoding, block, chunk, done, count);
            _digest?.Append(block);
        }
    }

    // The numbers that are to be sent: the gradient, and what is owed from before.
    private Span<float> Take(int position, int start, int count)
    {
        var block = Block.AsSpan(0, count);
        MemoryMarshal.Cast<byte, float>(_batch.Gradients[position].Values.Bytes(start, count).Span).CopyTo(block);
        if (_residuals[position] is { } residual)
        {
            Residuals.Add(block, residual.AsSpan(start, count));
        }

        return block;
    }

    private void KeepResidual(int position, Span<float> residual, int start, Span<byte> encoded)
    {
        var count = residual.Length;
        var block = Take(position, start, count);
        block.CopyTo(residual);
        GradientCoding.EncodeBlock(_encoding, block, encoded, 0, count);
        Residuals.Owe(residual, block);
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

    private static V1.DType WireType(GradientEncoding encoding) => encoding switch
    {
        GradientEncoding.BFloat16 => V1.DType.Bfloat16,
        GradientEncoding.Float16 => V1.DType.Float16,
        _ => V1.DType.Int8Blocks,
    };
}
