using Adam.Engine.Kernels;
using Adam.Engine.State;
using Adam.Engine.Threads;

namespace Adam.Engine.Step;

/// <summary>
/// The step of one variable with lazy rows. The listed rows, one behind the other, are surveyed as if they were a variable of their own; then the
/// loop of dense steps does each of them, with the numbers that its own count of updates gives. Nothing is allocated in a step.
/// </summary>
internal sealed unsafe class RowsStep
{
    private const int TileLength = 8 * BlockMeasures.BlockLength;

    // Rows that a thread takes at a time have as many elements. Not fewer than a block, so that there are no more tiles than blocks.
    private const int TileOfRowsLength = 2 * BlockMeasures.BlockLength;

    private readonly AdamOptions _options;
    private readonly TensorDType _dtype;
    private readonly VariableStep _step;
    private readonly KernelArguments[] _arguments;
    private readonly int _index;
    private readonly BlockMeasures[] _measures;
    private readonly int _firstBlock;
    private readonly nint _rowSteps;
    private readonly long _rowCount;
    private readonly long _rowLength;
    private readonly SurveyJob _survey;
    private readonly UpdateJob _update;
    private int _usedBlocks;
    private GroupStep _group;
    private TensorView _values;
    private RowView? _rows;

    /// <summary>Makes the step of a variable.</summary>
    /// <param name="options">The settings of its group.</param>
    /// <param name="variable">The variable.</param>
    /// <param name="index">Its index.</param>
    /// <param name="slots">Its slots.</param>
    /// <param name="step">What steps do to its elements.</param>
    /// <param name="arguments">What kernels work on, by variable.</param>
    /// <param name="measures">What they measure, by block.</param>
    /// <param name="firstBlock">The variable's first block; it has as many as all of its elements need.</param>
    public RowsStep(
        AdamOptions options,
        VariableSpec variable,
        int index,
        SlotStore slots,
        VariableStep step,
        KernelArguments[] arguments,
        BlockMeasures[] measures,
        int firstBlock)
    {
        _options = options;
        _dtype = variable.DType;
        _step = step;
        _arguments = arguments;
        _index = index;
        _measures = measures;
        _firstBlock = firstBlock;
        _rowSteps = (nint)slots.Address(index, AdamSlot.RowSteps);
        _rowCount = variable.RowCount;
        _rowLength = variable.RowLength;
        _survey = new SurveyJob(this);
        _update = new UpdateJob(this);
    }

    /// <summary>Elements of the rows that the present step lists.</summary>
    public long ElementCount => _values.ElementCount;

    /// <summary>The rows of the present step; null if they are all.</summary>
    public RowView? Rows => _rows;

    private long ListedCount => _rows?.Count ?? _rowCount;

    /// <summary>The work of looking at a gradient, whose numbers have been prepared.</summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="group">The group's part of the step.</param>
    public StepJob Survey(in Gradient gradient, in GroupStep group)
    {
        _group = group;
        _values = gradient.Values;
        _rows = gradient.Rows;
        _measures.AsSpan(_firstBlock, _usedBlocks).Clear();
        _usedBlocks = (int)((ElementCount + BlockMeasures.BlockLength - 1) / BlockMeasures.BlockLength);
        _survey.Begin(_step.Survey(_values.DType));
        return _survey;
    }

    /// <summary>The work of changing the rows that were surveyed.</summary>
    /// <param name="scaledType">The type of a gradient's product with the factor of the global norm.</param>
    public StepJob Update(TensorDType scaledType)
    {
        _update.Begin(scaledType);
        return _update;
    }

    private sealed class SurveyJob(RowsStep step) : StepJob
    {
        private Kernel? _kernel;

        public void Begin(Kernel kernel)
        {
            _kernel = kernel;
            ItemCount = (int)((step.ElementCount + TileLength - 1) / TileLength);
        }

        public override void RunItem(int item)
        {
            ref readonly KernelArguments arguments = ref step._arguments[step._index];
            long end = Math.Min((item + 1L) * TileLength, step.ElementCount);
            long block = step._firstBlock + (item * (long)TileLength / BlockMeasures.BlockLength);
            for (long start = item * (long)TileLength; start < end; start += BlockMeasures.BlockLength, block++)
            {
                _kernel!.Run(arguments, start, (int)Math.Min(BlockMeasures.BlockLength, end - start), ref step._measures[block]);
            }
        }
    }

    private sealed class UpdateJob(RowsStep step) : StepJob
    {
        // Never zero: a tile of rows without elements is not begun.
        private readonly long _rowsPerTile = Math.Max(1, (TileOfRowsLength + step._rowLength - 1) / Math.Max(1, step._rowLength));
        private readonly float _laterMomentum = MovingAverage.Momentum(step._options.EmaMomentum, 1, step._dtype);
        private Kernel? _kernel;
        private Kernel? _overwritingKernel;
        private int _storedBytes;

        public void Begin(TensorDType scaledType)
        {
            _kernel = step._step.Row(step._values.DType, false, scaledType);
            _overwritingKernel = step._step.Row(step._values.DType, true, scaledType);
            _storedBytes = step._values.DType.ElementBytes();
            ItemCount = step.ElementCount == 0 ? 0 : (int)((step.ListedCount + _rowsPerTile - 1) / _rowsPerTile);
        }

        public override void RunItem(int item)
        {
            KernelArguments arguments = step._arguments[step._index];
            long end = Math.Min((item + 1) * _rowsPerTile, step.ListedCount);
            double squares = 0;
            int known = -1;
            for (long place = item * _rowsPerTile; place < end; place++)
            {
                long row = step._rows is { } rows ? rows.Ids[(int)place] : place;
                int* updates = (int*)step._rowSteps + row;
                if (*updates != known)
                {
                    known = *updates;
                    SetScalars(ref arguments, known);
                }

                SetArrays(ref arguments, row, place);
                bool overwrites = MovingAverage.Overwrites(step._options.EmaOverwriteFrequency, known);
                squares += RunRow(overwrites ? _overwritingKernel! : _kernel!, arguments);
                *updates = known == int.MaxValue ? known : known + 1;
            }

            step._measures[step._firstBlock + item].UpdateSquares = squares;
        }

        private double RunRow(Kernel kernel, in KernelArguments arguments)
        {
            double squares = 0;
            BlockMeasures measures = default;
            for (long start = 0; start < step._rowLength; start += BlockMeasures.BlockLength)
            {
                kernel.Run(arguments, start, (int)Math.Min(BlockMeasures.BlockLength, step._rowLength - start), ref measures);
                squares += measures.UpdateSquares;
            }

            return squares;
        }

        private void SetScalars(ref KernelArguments arguments, int updates)
        {
            arguments.Alpha = StepScalars.Of(step._group, updates + 1L, step._options.Epsilon, step._dtype).Alpha;
            arguments.AverageMomentum = updates == 0 ? 0 : _laterMomentum;
            arguments.OneMinusAverageMomentum = MovingAverage.Rest(arguments.AverageMomentum, step._dtype);
        }

        // A slot that there is none of has no address, and is not looked at.
        private void SetArrays(ref KernelArguments arguments, long row, long place)
        {
            ref readonly KernelArguments whole = ref step._arguments[step._index];
            long offset = row * step._rowLength * step._dtype.ElementBytes();
            arguments.Gradient = whole.Gradient + (place * step._rowLength * _storedBytes);
            arguments.Weights = whole.Weights + offset;
            arguments.FirstMoment = whole.FirstMoment + offset;
            arguments.SecondMoment = whole.SecondMoment + offset;
            arguments.MaxSecondMoment = whole.MaxSecondMoment + offset;
            arguments.Average = whole.Average + offset;
        }
    }
}
