namespace Adam.Engine.Kernels;

/// <summary>A combination of <see cref="StepFlags"/>, made by <see cref="KernelCatalog"/>.</summary>
internal readonly struct StepVariant<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> : IStepVariant
    where T0 : struct, IFlag
    where T1 : struct, IFlag
    where T2 : struct, IFlag
    where T3 : struct, IFlag
    where T4 : struct, IFlag
    where T5 : struct, IFlag
    where T6 : struct, IFlag
    where T7 : struct, IFlag
    where T8 : struct, IFlag
    where T9 : struct, IFlag
    where T10 : struct, IFlag
    where T11 : struct, IFlag
    where T12 : struct, IFlag
{
    public static bool HasGradient => T0.IsSet;

    public static bool Updates => T1.IsSet;

    public static bool Unscales => T2.IsSet;

    public static bool EndsWindow => T3.IsSet;

    public static bool ClipsByNorm => T4.IsSet;

    public static bool ClipsGlobally => T5.IsSet;

    public static bool ClipsByValue => T6.IsSet;

    public static bool Decays => T7.IsSet;

    public static bool AmsGrad => T8.IsSet;

    public static bool Averages => T9.IsSet;

    public static bool Overwrites => T10.IsSet;

    public static bool IsNonNegative => T11.IsSet;

    public static bool MeasuresGradient => T12.IsSet;
}
