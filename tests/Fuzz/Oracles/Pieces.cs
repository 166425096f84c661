using System.Buffers;
using Adam.Fuzz.Randomness;

namespace Adam.Fuzz.Oracles;

/// <summary>Bytes cut into segments, as they come from a socket.</summary>
internal sealed class Pieces
{
    // The checks must not need more memory than what they check. The last piece is all that is left.
    private const int CountMax = 4096;

    private readonly List<Piece> _pieces = [];

    private Pieces()
    {
    }

    /// <summary>How many there are; 1 or more.</summary>
    public int Count => _pieces.Count;

    /// <summary>All of them.</summary>
    public ReadOnlySequence<byte> All => From(0, 0, Count - 1);

    /// <summary>Bytes in one piece.</summary>
    public static Pieces OfOne(ReadOnlyMemory<byte> bytes) => Cut(bytes, () => int.MaxValue);

    /// <summary>One byte a piece.</summary>
    public static Pieces OfOneByte(ReadOnlyMemory<byte> bytes) => Cut(bytes, () => 1);

    /// <summary>Pieces of random lengths, empty ones among them.</summary>
    public static Pieces OfRandom(ReadOnlyMemory<byte> bytes, ulong seed)
    {
        var random = new Prng(seed);
        var most = 1 << random.Below(10);
        return Cut(bytes, () => random.Below(most + 1));
    }

    /// <summary>The bytes of a piece.</summary>
    public ReadOnlyMemory<byte> this[int index] => _pieces[index].Memory;

    /// <summary>A run of pieces, the first of them without its beginning.</summary>
    public ReadOnlySequence<byte> From(int first, int offset, int last) =>
        new(_pieces[first], offset, _pieces[last], _pieces[last].Memory.Length);

    private static Pieces Cut(ReadOnlyMemory<byte> bytes, Func<int> nextLength)
    {
        var pieces = new Pieces();
        var (start, isEmptyAllowed) = (0, true);
        do
        {
            // Two empty pieces in a row say no more than one, and might never end.
            var asked = pieces.Count < CountMax ? nextLength() : int.MaxValue;
            var length = Math.Min(Math.Max(asked, isEmptyAllowed ? 0 : 1), bytes.Length - start);
            isEmptyAllowed = length > 0;
            pieces.Append(bytes.Slice(start, length));
            start += length;
        }
        while (start < bytes.Length);
        return pieces;
    }

    private void Append(ReadOnlyMemory<byte> memory) => _pieces.Add(_pieces.Count == 0 ? new Piece(memory, 0) : _pieces[^1].Append(memory));

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long start) => (Memory, RunningIndex) = (memory, start);

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
