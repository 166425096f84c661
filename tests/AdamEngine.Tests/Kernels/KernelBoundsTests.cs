using Adam.Engine.Kernels;
using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Kernels;

/// <summary>
/// No kernel touches a byte beside its arrays: each array lies against a page that nobody may touch, once with its end and once with its
/// beginning. A kernel that does ends the test process with a segmentation fault.
/// </summary>
public sealed unsafe class KernelBoundsTests
{
    private const StepFlags Everything = StepFlags.HasGradient | StepFlags.Updates | StepFlags.Unscales | StepFlags.EndsWindow | StepFlags.Decays
        | StepFlags.AmsGrad | StepFlags.Averages | StepFlags.Overwrites | StepFlags.IsNonNegative | StepFlags.MeasuresGradient;

    private static readonly int[] Lengths = [.. Enumerable.Range(1, 40), BlockMeasures.BlockLength - 1, BlockMeasures.BlockLength];

    private static readonly StepFlags[] Steps =
    [
        StepFlags.HasGradient | StepFlags.Updates | StepFlags.MeasuresGradient,
        StepFlags.HasGradient | StepFlags.Unscales | StepFlags.MeasuresGradient,
        StepFlags.Averages,
        StepFlags.EndsWindow,
        Everything,
        Everything | StepFlags.ClipsByNorm,
        Everything | StepFlags.ClipsGlobally,
        Everything | StepFlags.ClipsByValue,
    ];

    private static readonly StepFlags[] Surveys =
    [
        StepFlags.HasGradient,
        StepFlags.HasGradient | StepFlags.ClipsGlobally,
        StepFlags.HasGradient | StepFlags.Unscales | StepFlags.EndsWindow | StepFlags.ClipsByNorm,
    ];

    public static TheoryData<int, TensorDType, TensorDType> Kinds
    {
        get
        {
            var kinds = new TheoryData<int, TensorDType, TensorDType>();
            foreach (KernelWidth width in Enum.GetValues<KernelWidth>().Where(width => width <= KernelWidths.Best))
            {
                foreach (TensorDType stored in new[] { TensorDType.Float32, TensorDType.Float16, TensorDType.BFloat16 })
                {
                    kinds.Add((int)width, TensorDType.Float32, stored);
                    kinds.Add((int)width, TensorDType.Float16, stored);
                }
            }

            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Run_ArraysBesideForbiddenPages_StaysInside(int width, TensorDType state, TensorDType stored)
    {
        GuardedMemory[] memory = [.. Enumerable.Range(0, 7).Select(_ => new GuardedMemory(BlockMeasures.BlockLength * sizeof(float)))];
        try
        {
            foreach (StepFlags flags in Steps)
            {
                Run(KernelCatalog.Step(Key((KernelWidth)width, flags, state, stored)), memory, state, stored);
            }

            foreach (StepFlags flags in Surveys)
            {
                Run(KernelCatalog.Survey(Key((KernelWidth)width, flags, state, stored)), memory, state, stored);
            }
        }
        finally
        {
            foreach (GuardedMemory array in memory)
            {
                array.Dispose();
            }
        }
    }

    private static KernelKey Key(KernelWidth width, StepFlags flags, TensorDType state, TensorDType stored) =>
        new(width, flags, state, stored, state, state, state, state);

    private static void Run(Kernel kernel, GuardedMemory[] memory, TensorDType state, TensorDType stored)
    {
        foreach (int count in Lengths)
        {
            foreach (bool isAtEnd in (bool[])[true, false])
            {
                byte* Place(int array, TensorDType dtype) => isAtEnd ? memory[array].Last(count * dtype.ElementBytes()) : memory[array].First;

                var arguments = new KernelArguments
                {
                    Gradient = Place(0, stored),
                    Weights = Place(1, state),
                    FirstMoment = Place(2, state),
                    SecondMoment = Place(3, state),
                    MaxSecondMoment = Place(4, state),
                    Average = Place(5, state),
                    Accumulator = Place(6, state),
                    LossScale = 2,
                    WindowSteps = 2,
                    ClipLimit = 1,
                    ClipDivisor = 1,
                    ClipScale = 1,
                    Epsilon = 1e-3f,
                };
                var measures = default(BlockMeasures);
                kernel.Run(arguments, 0, count, ref measures);
                Assert.Equal(0, measures.NonFinite);
            }
        }
    }
}
