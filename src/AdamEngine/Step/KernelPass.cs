using Adam.Engine.Kernels;
using Adam.Engine.Threads;

namespace Adam.Engine.Step;

/// <summary>One pass of kernels over the variables, tile by tile.</summary>
internal sealed class KernelPass : StepJob
{
    private readonly StepPlan _plan;
    private readonly KernelArguments[] _arguments;
    private readonly BlockMeasures[] _measures;

    /// <summary>Makes a pass that does nothing yet.</summary>
    /// <param name="plan">How the variables are cut.</param>
    /// <param name="arguments">What the kernels work on, by variable.</param>
    /// <param name="measures">What they measure, by block.</param>
    public KernelPass(StepPlan plan, KernelArguments[] arguments, BlockMeasures[] measures)
    {
        _plan = plan;
        _arguments = arguments;
        _measures = measures;
        Kernels = new Kernel?[arguments.Length];
        ItemCount = plan.TileCount;
    }

    /// <summary>What is done with each variable; null where nothing is.</summary>
    public Kernel?[] Kernels { get; }

    public override void RunItem(int item)
    {
        foreach (StepPlan.Piece piece in _plan.Tile(item))
        {
            if (Kernels[piece.Variable] is { } kernel)
            {
                RunPiece(kernel, piece);
            }
        }
    }

    private void RunPiece(Kernel kernel, in StepPlan.Piece piece)
    {
        ref readonly KernelArguments arguments = ref _arguments[piece.Variable];
        long block = _plan.FirstBlocks[piece.Variable] + piece.Start / BlockMeasures.BlockLength;
        long end = piece.Start + piece.Length;
        for (long start = piece.Start; start < end; start += BlockMeasures.BlockLength, block++)
        {
            kernel.Run(arguments, start, (int)Math.Min(BlockMeasures.BlockLength, end - start), ref _measures[block]);
        }
    }
}
