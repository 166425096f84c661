using System.Runtime.InteropServices;

namespace Adam.Client.Internal;

/// <summary>A float32 gradient that goes in a shorter encoding, whole or as a list of rows, with what is owed from before.</summary>
internal sealed class EncodedGradient
{
    private readonly TensorGradient _gradient;
    private readonly float[]? _residual;
    private readonly int _rowLength;
    private readonly bool[]? _isFirst;

    /// <param name="gradient">The gradient.</param>
    /// <param name="feedback">What earlier encodings cut off; null if that is forgotten.</param>
    /// <param name="tensor">What it is the gradient of.</param>
    /// <exception cref="ArgumentException">The feedback does not fit the tensor.</exception>
    public EncodedGradient(TensorGradient gradient, ErrorFeedback? feedback, TensorSpec tensor)
    {
        _gradient = gradient;
        _residual = feedback?.Of(gradient.TensorIndex, tensor.ElementCount);
        if (gradient.RowIds is not { } rows)
        {
            return;
        }

        _rowLength = gradient.Values.Length / rows.Length;
        if (_residual is not null)
        {
            _isFirst = FirstOnes(rows.Span);
        }
    }

    /// <summary>Whether there is a residual to read and to keep.</summary>
    public bool HasFeedback => _residual is not null;

    /// <summary>How many elements there are.</summary>
    public int Length => _gradient.Values.Length;

    /// <summary>How many elements a chunk may have: whole rows of a list, at least one.</summary>
    public int ElementsMax(GradientEncoding encoding, ulong chunkBytesMax)
    {
        if (_rowLength == 0)
        {
            return Math.Min(GradientCoding.ElementsMax(encoding, chunkBytesMax), Length);
        }

        // Blocks that go on over the end of a row have fewer scales than this counts.
        var rowBytes = (uint)(GradientCoding.Bytes(encoding, _rowLength) + sizeof(long));
        return (int)Math.Clamp(chunkBytesMax / rowBytes, 1, (ulong)(Length / _rowLength)) * _rowLength;
    }

    /// <summary>A chunk without its data.</summary>
    public V1.TensorChunk Describe(int start, int count)
    {
        var chunk = new V1.TensorChunk { TensorIndex = (uint)_gradient.TensorIndex, Offset = (ulong)start };
        if (_gradient.RowIds is { } rows)
        {
            chunk.Offset = (ulong)(start / _rowLength);
            chunk.RowIds = new V1.RowIds { Ids = { rows.Slice(start / _rowLength, count / _rowLength).ToArray() } };
        }

        return chunk;
    }

    /// <summary>The gradient as it was given.</summary>
    public ReadOnlySpan<float> Given(int start, int count) => MemoryMarshal.Cast<byte, float>(_gradient.Values.Bytes(start, count).Span);

    /// <summary>The numbers that are to be sent: the gradient, and what is owed from before. Of a row that comes again, it is owed once.</summary>
    public void Take(int start, Span<float> block)
    {
        Given(start, block.Length).CopyTo(block);
        if (_residual is null)
        {
            return;
        }

        for (var done = 0; done < block.Length;)
        {
            var owed = Residual(start + done, block.Length - done, out var isFirst);
            if (isFirst)
            {
                Residuals.Add(block.Slice(done, owed.Length), owed);
            }

            done += owed.Length;
        }
    }

    /// <summary>Keeps what is owed from now on: of a row that comes again, the sum.</summary>
    public void Keep(int start, ReadOnlySpan<float> owed)
    {
        for (var done = 0; done < owed.Length;)
        {
            var kept = Residual(start + done, owed.Length - done, out var isFirst);
            var part = owed.Slice(done, kept.Length);
            if (isFirst)
            {
                part.CopyTo(kept);
            }
            else
            {
                Residuals.Add(kept, part);
            }

            done += kept.Length;
        }
    }

    // Where the residual of some elements lies, as many as lie together.
    private Span<float> Residual(int start, int count, out bool isFirst)
    {
        if (_gradient.RowIds is not { } rows)
        {
            isFirst = true;
            return _residual.AsSpan(start, count);
        }

        var (place, within) = Math.DivRem(start, _rowLength);
        var offset = (rows.Span[place] * _rowLength) + within;
        isFirst = _isFirst![place];
        return _residual.AsSpan((int)offset, Math.Min(count, _rowLength - within));
    }

    private static bool[] FirstOnes(ReadOnlySpan<long> rows)
    {
        var seen = new HashSet<long>(rows.Length);
        var isFirst = new bool[rows.Length];
        for (var place = 0; place < rows.Length; place++)
        {
            isFirst[place] = seen.Add(rows[place]);
        }

        return isFirst;
    }
}
