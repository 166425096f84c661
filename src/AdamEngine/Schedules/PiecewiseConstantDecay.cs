using System.Collections.Immutable;
using Adam.Engine.Schedules;

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
    public override bool IsInteger => ValueIsInteger(0);

    /// <inheritdoc/>
    public override float At(long iteration)
    {
        if (IsInteger)
        {
            return IntegerAt(iteration);
        }

        // The order of the summands is Keras's: first interval, last interval, then those between.
        float result = 0f;
        for (int i = 0; i < Values.Length; i++)
        {
            int interval = InKerasOrder(i);
            float indicator = Contains(interval, iteration) ? 1f : 0f;

            // A Python int among floats is an int32, whose product with a float32 is a float64 in NumPy.
            result = ValueIsInteger(interval)
                ? (float)(result + indicator * Values[interval])
                : result + indicator * (float)Values[interval];
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
            string boundaryList = Repr("boundaries", boundaries, isCount: true);
            string valueList = Repr("values", values, isCount: false);
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

        for (int i = 0; i < boundaries.Length; i++)
        {
            if (!IntegerArithmetic.Fits(CastBoundary(i, boundaries[i])))
            {
                errors.Add(new OptionError(
                    "boundaries",
                    "A boundary must fit a 32-bit integer, the type of the iteration counter. Received: "
                    + PythonTypes.Repr($"boundaries[{i}]", boundaries[i], isCount: true)));
            }
        }

        CheckTypes(values, errors);
        return errors;
    }

    /// <summary>Compares the parameters by value, the lists element by element.</summary>
    /// <param name="other">The other schedule.</param>
    public bool Equals(PiecewiseConstantDecay? other) =>
        base.Equals(other) && Name == other.Name && SameElements(Boundaries, other.Boundaries) && SameElements(Values, other.Values);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Name, Boundaries.IsDefault ? -1 : Boundaries.Length, Values.IsDefault ? -1 : Values.Length);

    private static bool SameElements(ImmutableArray<double> left, ImmutableArray<double> right) =>
        left.IsDefault || right.IsDefault ? left.IsDefault == right.IsDefault : left.SequenceEqual(right);

    private string Repr(string field, ImmutableArray<double> numbers, bool isCount) =>
        $"[{string.Join(", ", numbers.Select((number, index) => PythonTypes.Repr($"{field}[{index}]", number, isCount)))}]";

    private float IntegerAt(long iteration)
    {
        int result = 0;
        for (int i = 0; i < Values.Length; i++)
        {
            int interval = InKerasOrder(i);
            result = unchecked(result + (Contains(interval, iteration) ? IntegerArithmetic.Cast(Values[interval]) : 0));
        }

        return result;
    }

    private int InKerasOrder(int position) => position switch
    {
        0 => 0,
        1 => Values.Length - 1,
        _ => position - 1,
    };

    private bool Contains(int interval, long iteration) =>
        (interval == 0 || iteration > Boundary(interval - 1)) && (interval == Boundaries.Length || iteration <= Boundary(interval));

    private bool ValueIsInteger(int index) => PythonTypes != default && PythonTypes.IsUnusual($"values[{index}]");

    private long Boundary(int index) => (long)CastBoundary(index, Boundaries[index]);

    /// <summary>A Python int is taken exactly. A float passes through float32 on its way to an integer.</summary>
    private double CastBoundary(int index, double boundary) =>
        Math.Floor(boundary) == boundary && !(PythonTypes != default && PythonTypes.IsUnusual($"boundaries[{index}]"))
            ? boundary
            : (float)boundary;

    private void CheckTypes(ImmutableArray<double> values, List<OptionError> errors)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (IsInteger && !ValueIsInteger(i))
            {
                errors.Add(new OptionError(
                    "values",
                    "The first value is an integer and another is not, with which Keras fails at the first step. Write the first value as a "
                    + $"float, too, e.g. 1.0 instead of 1. Received: values[0]={PythonTypes.Repr("values[0]", values[0])}, "
                    + $"values[{i}]={PythonTypes.Repr($"values[{i}]", values[i])}"));
                return;
            }

            if (ValueIsInteger(i) && !IntegerArithmetic.Fits(values[i]))
            {
                errors.Add(new OptionError(
                    "values",
                    $"An integer among the values must fit 32 bits; write it as a float. Received: {PythonTypes.Repr($"values[{i}]", values[i])}"));
            }
        }
    }
}
