namespace Adam.Engine.Kernels;

/// <summary>The <see cref="StepFlags"/> as constants of a type, so that the compiled loop has no branch for what a step does not do.</summary>
internal interface IStepVariant
{
    static abstract bool HasGradient { get; }

    static abstract bool Updates { get; }

    static abstract bool Unscales { get; }

    static abstract bool EndsWindow { get; }

    static abstract bool ClipsByNorm { get; }

    static abstract bool ClipsGlobally { get; }

    static abstract bool ClipsByValue { get; }

    static abstract bool Decays { get; }

    static abstract bool AmsGrad { get; }

    static abstract bool Averages { get; }

    static abstract bool Overwrites { get; }

    static abstract bool IsNonNegative { get; }

    static abstract bool MeasuresGradient { get; }
}
