using System.Collections.Immutable;
using System.Globalization;
using Adam.Engine.Options;

namespace Adam.Engine;

/// <summary>
/// Which numbers of a Keras configuration have a Python type that is unusual for their argument. Numbers are doubles here; Keras
/// tells <c>3</c> from <c>3.0</c>, writes each back as it came, and computes a schedule in integers if its first rate is one.
/// </summary>
/// <remarks>
/// Usual is a float, and for numbers of steps (<c>decay_steps</c>, <c>first_decay_steps</c>, <c>warmup_steps</c>,
/// <c>dynamic_growth_steps</c>, <c>boundaries</c>) an int where the number is whole. Only <see cref="KerasOptimizerJson.Import"/> makes
/// anything unusual; the default is that all is usual. Except for schedules (an integer first rate, float
/// boundaries) the types change no arithmetic, only what <see cref="KerasOptimizerJson.Export"/> writes.
/// </remarks>
public readonly struct PythonTypes : IEquatable<PythonTypes>
{
    // Up to here every whole double is exactly one integer.
    private const double LargestExactInteger = 9007199254740992.0;

    private readonly ImmutableArray<string> _unusual;

    private PythonTypes(ImmutableArray<string> unusual)
    {
        _unusual = unusual;
    }

    /// <summary>The arguments with an unusual type in Keras's spelling, elements of lists with their index; in ordinal order.</summary>
    public IReadOnlyList<string> Unusual => _unusual.IsDefault ? [] : _unusual;

    /// <summary>Names the arguments with an unusual type.</summary>
    /// <param name="arguments">Keras's spelling, e.g. <c>decay_steps</c> or <c>values[2]</c>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="arguments"/> is null.</exception>
    public static PythonTypes WithUnusual(params IEnumerable<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ImmutableArray<string> sorted = [.. arguments.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return sorted.IsEmpty ? default : new PythonTypes(sorted);
    }

    /// <summary>Whether an argument has not its usual type.</summary>
    /// <param name="argument">Keras's spelling.</param>
    public bool IsUnusual(string argument) =>
        !_unusual.IsDefault && _unusual.BinarySearch(argument, StringComparer.Ordinal) >= 0;

    /// <inheritdoc/>
    public bool Equals(PythonTypes other) => Unusual.SequenceEqual(other.Unusual, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PythonTypes other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _unusual.IsDefault ? 0 : _unusual.Length;

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Unusual);

    /// <summary>Compares by value.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(PythonTypes left, PythonTypes right) => left.Equals(right);

    /// <summary>Compares by value.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(PythonTypes left, PythonTypes right) => !left.Equals(right);

    /// <summary>Whether a double can be a Python int without loss; -0.0 cannot.</summary>
    internal static bool CanBeInteger(double value) =>
        Math.Abs(value) <= LargestExactInteger && Math.Floor(value) == value && !(value == 0 && double.IsNegative(value));

    /// <summary>Whether an argument is a Python int.</summary>
    internal bool IsInteger(string argument, double value, bool isCount) => CanBeInteger(value) && isCount != IsUnusual(argument);

    /// <summary>Python's <c>repr</c> of an argument.</summary>
    internal string Repr(string argument, double? value, bool isCount = false) => value switch
    {
        null => "None",
        { } number when IsInteger(argument, number, isCount) => ((long)number).ToString(CultureInfo.InvariantCulture),
        { } number => PythonRepr.Of(number),
    };
}
