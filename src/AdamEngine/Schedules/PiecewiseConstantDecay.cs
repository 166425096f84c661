using System.Collections.Immutable;
using Adam.Engine.Options;

namespace Adam.Engine;

/// <summary>Keras <c>PiecewiseConstantDecay</c>: one value per interval; a boundary belongs to the interval on its left.</summary>
/// <remarks>
/// The value is a sum over all intervals of indicator times value, as in Keras: an infinite or NaN value anywhere makes every
/// step NaN.
/// </remarks>
/// <param name="Boundaries">Keras <c>boundaries</c>: at least one; fractions are dropped, because steps are whole.</param>
/// <param name="Values">Keras <c>values</c>: exactly one more than there are boundaries.</param>
/// <param name="Name">Keras <c>name</c>.</param>
public sealed record PiecewiseConstantDecay(
    ImmutableArray<double> Boundaries, ImmutableArray<double> Values, string Name = "PiecewiseConstant")
    : LearningRateSchedule
{
    /// <inheritdoc/>
    public override float At(long iteration)
    {
        // The order of the summands is Keras's: first interval, last interval, then those between.
        float result = 0f;
        result += Indicator(iteration <= Boundary(0)) * (float)Values[0];
        result += Indicator(iteration > Boundary(Boundaries.Length - 1)) * (float)Values[^1];
        for (int i = 1; i < Boundaries.Length; i++)
        {
            result += Indicator(iteration > Boundary(i - 1) && iteration <= Boundary(i)) * (float)Values[i];
        }

        return result;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OptionError> Validate()
    {
        var errors = new List<OptionError>();
        ImmutableArray<double> boundaries = Boundaries.IsDefault ? [] : Boundaries;
        ImmutableArray<double> values = Values.IsDefault ? [] : Values;
        if (boundaries.Length != values.Length - 1)
        {
            string boundaryList = PythonRepr.OfList(boundaries, PythonRepr.OfCount);
            string valueList = PythonRepr.OfList(values, PythonRepr.Of);
            errors.Add(new OptionError(
                "boundaries",
                "The length of boundaries should be 1 less than the length of values. Received: "
                + $"boundaries={boundaryList} of length {boundaries.Length}, and values={valueList} of length {values.Length}."));
        }
        else if (boundaries.IsEmpty)
        {
            errors.Add(new OptionError(
                "boundaries",
                "At least one boundary is needed: with an empty list Keras fails at the first step. Use a constant learning rate."));
        }

        foreach (double boundary in boundaries)
        {
            if (!(boundary > int.MinValue - 1.0 && boundary < int.MaxValue + 1.0))
            {
                errors.Add(new OptionError(
                    "boundaries",
                    $"A boundary must fit a 32-bit integer, the type of the iteration counter. Received: {PythonRepr.OfCount(boundary)}"));
            }
        }

        return errors;
    }

    /// <summary>Compares the parameters by value, the lists element by element.</summary>
    /// <param name="other">The other schedule.</param>
    public bool Equals(PiecewiseConstantDecay? other) =>
        other is not null && Name == other.Name && SameElements(Boundaries, other.Boundaries) && SameElements(Values, other.Values);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Name, Boundaries.IsDefault ? -1 : Boundaries.Length, Values.IsDefault ? -1 : Values.Length);

    private static bool SameElements(ImmutableArray<double> left, ImmutableArray<double> right) =>
        left.IsDefault || right.IsDefault ? left.IsDefault == right.IsDefault : left.SequenceEqual(right);

    private static float Indicator(bool condition) => condition ? 1f : 0f;

    private long Boundary(int index)
    {
        double boundary = Boundaries[index];

        // A whole number is taken exactly. A fraction passes through float32 on its way to an integer, as a Python float does.
        return Math.Floor(boundary) == boundary ? (long)boundary : (long)(float)boundary;
    }
}
