using System.Numerics;

namespace Adam.Engine.Keras;

/// <summary>
/// Takes constructor arguments out of a config one by one, with Python's rules about types, and collects what is refused. A refused
/// argument reads as its default, so that the rest can be checked too.
/// </summary>
internal sealed class ArgumentReader(PythonValue.Dict config, KerasPath path, List<OptionError> errors)
{
    private const string FailsLater = "Keras accepts it and fails at the first step.";

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly List<string> _unusual = [];

    public KerasPath Path => path;

    public List<OptionError> Errors => errors;

    /// <summary>The types of the numbers that were taken so far.</summary>
    public PythonTypes Types => PythonTypes.WithUnusual(_unusual);

    /// <summary>The argument as it is; null when it is absent.</summary>
    public PythonValue? Take(string name)
    {
        _taken.Add(name);
        return config[name];
    }

    public void Refuse(string name, string message) => errors.Add(new OptionError(path.Of(name), message));

    /// <summary>The members that nobody took, in order.</summary>
    public PythonValue.Dict Rest() => new([.. config.Members.Where(member => !_taken.Contains(member.Key))]);

    /// <summary>A number that Keras does not check. True and False act as 1 and 0.</summary>
    public double Number(string name, double fallback) => Number(name, Take(name) ?? new PythonValue.Float(fallback), isCount: false) ?? fallback;

    /// <summary>A number or None, which is also the default.</summary>
    public double? OptionalNumber(string name, double? fallback = null) => Take(name) switch
    {
        null => fallback,
        PythonValue.None => null,
        var value => Number(name, value, isCount: false),
    };

    /// <summary>A number from its value; null, with an error, if it is none.</summary>
    public double? Number(string name, PythonValue value, bool isCount)
    {
        double? number = value switch
        {
            PythonValue.Float floating => floating.Value,
            PythonValue.Bool flag => flag.Value ? 1 : 0,
            PythonValue.Int integer when BigInteger.Abs(integer.Value) <= 1L << 53 => (double)integer.Value,
            _ => null,
        };
        if (number is null)
        {
            Refuse(
                name,
                value is PythonValue.Int
                    ? $"An integer beyond 2**53 is not exactly a float; write it as one. Received: {name}={PythonText.Str(value)}"
                    : $"A number is expected. {FailsLater} Received: {name}={PythonText.Str(value)}");
        }
        else if (value is not PythonValue.Bool && PythonTypes.CanBeInteger(number.Value) && value is PythonValue.Int != isCount)
        {
            _unusual.Add(name);
        }

        return number;
    }

    /// <summary>What Python's <c>if</c> makes of it. A string is refused, because "false" would be true.</summary>
    public bool Flag(string name)
    {
        switch (Take(name))
        {
            case null or PythonValue.None:
                return false;
            case PythonValue.Bool flag:
                return flag.Value;
            case PythonValue.Int number:
                return !number.Value.IsZero;
            case PythonValue.Float number:
                return number.Value != 0;
            case var other:
                Refuse(name, $"true or false is expected. Received: {name}={PythonText.Str(other)}");
                return false;
        }
    }

    /// <summary>A name; None is Keras's automatic name.</summary>
    public string Name(string automatic)
    {
        PythonValue name = Take("name") ?? PythonValue.None.Instance;
        switch (name)
        {
            case PythonValue.None:
                return automatic;
            case PythonValue.Str text when !text.Value.Contains('/', StringComparison.Ordinal):
                return text.Value;
            default:
                Refuse("name", $"Argument `name` must be a string and cannot contain character `/`. Received: name={PythonText.Str(name)}");
                return automatic;
        }
    }
}
