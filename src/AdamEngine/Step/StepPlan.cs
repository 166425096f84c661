using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Adam.Engine.Kernels;

namespace Adam.Engine.Step;

/// <summary>
/// How the variables are cut: into blocks, by which sums are taken, and into tiles, which are what a thread takes at a time. A tile is a part
/// of a large variable or several small ones. The cuts depend on the variables alone, so results do not depend on threads.
/// </summary>
internal sealed class StepPlan
{
    private const int TileLength = 8 * BlockMeasures.BlockLength;

    private readonly List<Piece> _pieces = [];
    private readonly List<int> _tileStarts = [];

    public StepPlan(ImmutableArray<VariableSpec> variables)
    {
        FirstBlocks = new int[variables.Length + 1];
        long tileElements = TileLength;
        for (int index = 0; index < variables.Length; index++)
        {
            VariableSpec variable = variables[index];
            long count = variable.Role == VariableRole.Trainable ? variable.ElementCount : 0;
            FirstBlocks[index + 1] = checked((int)(FirstBlocks[index] + BlockCount(count)));

            // Which of them a step touches is known only then: rows are cut by themselves, and have blocks for what they may be.
            count = variable.RowUpdates == RowUpdates.Lazy ? 0 : count;
            DenseElements += count;
            for (long start = 0; start < count; start += TileLength)
            {
                int length = (int)Math.Min(TileLength, count - start);
                if (tileElements + length > TileLength)
                {
                    _tileStarts.Add(_pieces.Count);
                    tileElements = 0;
                }

                _pieces.Add(new Piece(index, start, length));
                tileElements += length;
            }
        }

        _tileStarts.Add(_pieces.Count);
    }

    /// <summary>Blocks of all variables before each one, and of all of them at the end.</summary>
    public int[] FirstBlocks { get; }

    /// <summary>Blocks of all variables.</summary>
    public int TotalBlocks => FirstBlocks[^1];

    /// <summary>Elements of all trainable variables that are updated as a whole.</summary>
    public long DenseElements { get; }

    /// <summary>How many tiles there are.</summary>
    public int TileCount => _tileStarts.Count - 1;

    /// <summary>The pieces of a tile.</summary>
    public ReadOnlySpan<Piece> Tile(int tile)
    {
        ReadOnlySpan<Piece> pieces = CollectionsMarshal.AsSpan(_pieces);
        return pieces[_tileStarts[tile].._tileStarts[tile + 1]];
    }

    private static long BlockCount(long elements) => (elements + BlockMeasures.BlockLength - 1) / BlockMeasures.BlockLength;

    /// <summary>A run of elements of one variable.</summary>
    /// <param name="Variable">The variable.</param>
    /// <param name="Start">The first element: the beginning of a block.</param>
    /// <param name="Length">How many elements; at least one.</param>
    internal readonly record struct Piece(int Variable, long Start, int Length);
}
