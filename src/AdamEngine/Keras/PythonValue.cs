using System.Numerics;

namespace Adam.Engine.Keras;

/// <summary>What Python's <c>json</c> module makes of a text. Unlike JSON it tells integers from floats and has NaN and infinities.</summary>
internal abstract record PythonValue
{
    public sealed record None : PythonValue
    {
        public static readonly None Instance = new();
    }

    public sealed record Bool(bool Value) : PythonValue;

    public sealed record Int(BigInteger Value) : PythonValue;

    public sealed record Float(double Value) : PythonValue;

    public sealed record Str(string Value) : PythonValue;

    public sealed record List(IReadOnlyList<PythonValue> Items) : PythonValue;

    /// <summary>The members in their order; no name comes twice.</summary>
    public sealed record Dict(IReadOnlyList<KeyValuePair<string, PythonValue>> Members) : PythonValue
    {
        public PythonValue? this[string name]
        {
            get
            {
                foreach ((string key, PythonValue value) in Members)
                {
                    if (key == name)
                    {
                        return value;
                    }
                }

                return null;
            }
        }
    }
}
