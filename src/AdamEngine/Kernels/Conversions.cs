using System.Runtime.Intrinsics;

namespace Adam.Engine.Kernels;

/// <summary>Calls the conversion of a width.</summary>
internal static unsafe class Conversions
{
    /// <summary>Writes elements of one type as another.</summary>
    /// <typeparam name="TFrom">How they are stored.</typeparam>
    /// <typeparam name="TTo">How they are written.</typeparam>
    public static void Convert<TFrom, TTo>(KernelWidth width, byte* source, byte* destination, long count)
        where TFrom : struct, IGradientElements
        where TTo : struct, IStateElements
    {
        switch (width)
        {
            case KernelWidth.Vector512:
                ConversionKernel<Lanes512, Vector512<float>, Vector512<float>>.Convert<TFrom, TTo>(source, destination, count);
                break;
            case KernelWidth.Vector256:
                ConversionKernel<Lanes256, Vector256<float>, Sums256>.Convert<TFrom, TTo>(source, destination, count);
                break;
            case KernelWidth.Vector128:
                ConversionKernel<Lanes128, Vector128<float>, Sums128>.Convert<TFrom, TTo>(source, destination, count);
                break;
            default:
                ConversionKernel<ScalarLanes, float, ScalarSums>.Convert<TFrom, TTo>(source, destination, count);
                break;
        }
    }

    /// <summary>Writes signed bytes times a scale as float32.</summary>
    public static void Scale(KernelWidth width, sbyte* source, float scale, float* destination, long count)
    {
        switch (width)
        {
            case KernelWidth.Vector512:
                ConversionKernel<Lanes512, Vector512<float>, Vector512<float>>.Scale(source, scale, destination, count);
                break;
            case KernelWidth.Vector256:
                ConversionKernel<Lanes256, Vector256<float>, Sums256>.Scale(source, scale, destination, count);
                break;
            case KernelWidth.Vector128:
                ConversionKernel<Lanes128, Vector128<float>, Sums128>.Scale(source, scale, destination, count);
                break;
            default:
                ConversionKernel<ScalarLanes, float, ScalarSums>.Scale(source, scale, destination, count);
                break;
        }
    }
}
