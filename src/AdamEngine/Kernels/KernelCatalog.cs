using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Adam.Engine.Kernels;

/// <summary>
/// The compiled loops, each made when it is first needed. A key becomes type arguments, and the runtime compiles the generic loop for
/// them; the thousands of combinations that nobody uses cost nothing.
/// </summary>
internal static class KernelCatalog
{
    private static readonly ConcurrentDictionary<KernelKey, Kernel> StepKernels = new();
    private static readonly ConcurrentDictionary<KernelKey, Kernel> SurveyKernels = new();

    // Kernels are compiled once. Numbers that were decided before are constants in them; those that were not are loaded with every use.
    static KernelCatalog() => RuntimeHelpers.RunClassConstructor(typeof(Prefetch).TypeHandle);

    /// <summary>The loop that does the step.</summary>
    public static Kernel Step(KernelKey key) => StepKernels.GetOrAdd(key, static wanted => Make(typeof(StepKernel<,,,,,,,,>), wanted));

    /// <summary>The loop that looks at the gradient before the step.</summary>
    public static Kernel Survey(KernelKey key) => SurveyKernels.GetOrAdd(key, static wanted => Make(typeof(SurveyKernel<,,,,,,,,>), wanted));

    private static Kernel Make(Type kernel, KernelKey key)
    {
        (Type lanes, Type vector, Type sums) = key.Width switch
        {
            KernelWidth.Vector512 => (typeof(Lanes512), typeof(Vector512<float>), typeof(Vector512<float>)),
            KernelWidth.Vector256 => (typeof(Lanes256), typeof(Vector256<float>), typeof(Sums256)),
            KernelWidth.Vector128 => (typeof(Lanes128), typeof(Vector128<float>), typeof(Sums128)),
            _ => (typeof(ScalarLanes), typeof(float), typeof(ScalarSums)),
        };
        Type[] arguments =
        [
            lanes,
            vector,
            sums,
            Variant(key.Flags),
            State(key.State),
            Gradient(key.Stored, key.Gradient),
            Rounding(key.Unscaled),
            Rounding(key.Clipped),
            Rounding(key.Scaled),
        ];
        return (Kernel)Activator.CreateInstance(kernel.MakeGenericType(arguments))!;
    }

    private static Type Variant(StepFlags flags)
    {
        Type variant = typeof(StepVariant<,,,,,,,,,,,,>);
        Type[] bits = [.. variant.GetGenericArguments().Select((_, bit) => ((int)flags >> bit & 1) != 0 ? typeof(On) : typeof(Off))];
        return variant.MakeGenericType(bits);
    }

    private static Type State(TensorDType dtype) => dtype == TensorDType.Float16 ? typeof(Float16Elements) : typeof(Float32Elements);

    private static Type Gradient(TensorDType stored, TensorDType read)
    {
        Type elements = stored switch
        {
            TensorDType.Float16 => typeof(Float16Elements),
            TensorDType.BFloat16 => typeof(BFloat16Elements),
            _ => typeof(Float32Elements),
        };
        return read == TensorDType.Float16 && stored != TensorDType.Float16 ? typeof(RoundedElements<>).MakeGenericType(elements) : elements;
    }

    private static Type Rounding(TensorDType dtype) => dtype == TensorDType.Float16 ? typeof(Float16Rounding) : typeof(Float32Rounding);
}
