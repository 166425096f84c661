using System.Buffers;
using System.Globalization;
using System.Numerics;

namespace Adam.Engine.Keras;

/// <summary>
/// Reads JSON as Python's <c>json.loads</c> does: <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c> are numbers, and an integer is
/// another thing than a float. Stricter than Python where data would get lost: no duplicate names, no half surrogate pairs.
/// </summary>
internal sealed class PythonJsonReader
{
    private const int DepthMax = 32;

    // Python's own limit for turning digits into an integer.
    private const int IntegerDigitsMax = 4300;

    // Parsing alone would take a zero character for the end of the digits.
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private readonly string _text;
    private int _position;
    private int _depth;

    private PythonJsonReader(string text)
    {
        _text = text;
    }

    private char Current => _position < _text.Length ? _text[_position] : '\0';

    private bool AtEnd => _position >= _text.Length;

    /// <summary>Reads one value and nothing after it.</summary>
    /// <exception cref="PythonJsonException">The text is refused.</exception>
    public static PythonValue Read(string text)
    {
        var reader = new PythonJsonReader(text);
        reader.SkipSpace();
        PythonValue value = reader.ReadValue();
        reader.SkipSpace();
        return reader.AtEnd ? value : throw reader.Refusal("Nothing may follow the value");
    }

    private PythonValue ReadValue() => Current switch
    {
        '{' => ReadDict(),
        '[' => ReadList(),
        '"' => new PythonValue.Str(ReadString()),
        't' => ReadWord("true", new PythonValue.Bool(true)),
        'f' => ReadWord("false", new PythonValue.Bool(false)),
        'n' => ReadWord("null", PythonValue.None.Instance),
        'N' => ReadWord("NaN", new PythonValue.Float(double.NaN)),
        'I' => ReadWord("Infinity", new PythonValue.Float(double.PositiveInfinity)),
        '-' when _position + 1 < _text.Length && _text[_position + 1] == 'I' =>
            ReadWord("-Infinity", new PythonValue.Float(double.NegativeInfinity)),
        '-' or (>= '0' and <= '9') => ReadNumber(),
        _ => throw Refusal("A value is expected"),
    };

    private PythonValue.Dict ReadDict()
    {
        var members = new List<KeyValuePair<string, PythonValue>>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        Enter();
        if (!TryTake('}'))
        {
            do
            {
                SkipSpace();
                if (Current != '"')
                {
                    throw Refusal("A name in double quotes is expected");
                }

                int start = _position;
                string name = ReadString();
                if (!names.Add(name))
                {
                    _position = start;
                    throw Refusal($"The name {PythonText.Repr(new PythonValue.Str(name))} comes twice in one object");
                }

                SkipSpace();
                Take(':');
                SkipSpace();
                members.Add(KeyValuePair.Create(name, ReadValue()));
                SkipSpace();
            }
            while (TryTake(','));
            Take('}');
        }

        _depth--;
        return new PythonValue.Dict(members);
    }

    private PythonValue.List ReadList()
    {
        var items = new List<PythonValue>();
        Enter();
        if (!TryTake(']'))
        {
            do
            {
                SkipSpace();
                items.Add(ReadValue());
                SkipSpace();
            }
            while (TryTake(','));
            Take(']');
        }

        _depth--;
        return new PythonValue.List(items);
    }

    private void Enter()
    {
        if (++_depth > DepthMax)
        {
            throw Refusal($"The text is nested deeper than {DepthMax} levels");
        }

        _position++;
        SkipSpace();
    }

    private PythonValue ReadWord(string word, PythonValue value)
    {
        if (string.CompareOrdinal(_text, _position, word, 0, word.Length) != 0)
        {
            throw Refusal("A value is expected");
        }

        _position += word.Length;
        return value;
    }

    private PythonValue ReadNumber()
    {
        int start = _position;
        TryTake('-');
        int integerStart = _position;
        SkipDigits();
        int integerDigits = _position - integerStart;
        if (integerDigits == 0 || (integerDigits > 1 && _text[integerStart] == '0'))
        {
            _position = start;
            throw Refusal("A number must have an integer part without leading zeros");
        }

        bool isFloat = false;
        if (Current == '.')
        {
            _position++;
            SkipRequiredDigits();
            isFloat = true;
        }

        if (Current is 'e' or 'E')
        {
            _position++;
            if (Current is '+' or '-')
            {
                _position++;
            }

            SkipRequiredDigits();
            isFloat = true;
        }

        ReadOnlySpan<char> number = _text.AsSpan(start, _position - start);
        if (isFloat)
        {
            // Beyond the largest double this is an infinity, as in Python.
            return new PythonValue.Float(double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture));
        }

        if (integerDigits > IntegerDigitsMax)
        {
            _position = start;
            throw Refusal($"An integer has more than {IntegerDigitsMax} digits");
        }

        return new PythonValue.Int(BigInteger.Parse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
    }

    private string ReadString()
    {
        _position++;
        int start = _position;
        while (Current is not ('"' or '\\') && Current >= ' ')
        {
            _position++;
        }

        var text = new System.Text.StringBuilder();
        text.Append(_text, start, _position - start);
        while (Current != '"')
        {
            if (AtEnd || Current < ' ')
            {
                throw Refusal("A string must end with a double quote, and control characters in it must be escaped");
            }

            text.Append(Current == '\\' ? ReadEscape() : _text[_position++]);
        }

        _position++;
        string result = text.ToString();
        for (int i = 0; i < result.Length; i++)
        {
            if (!char.IsSurrogate(result[i]))
            {
                continue;
            }

            if (i + 1 == result.Length || !char.IsSurrogatePair(result[i], result[i + 1]))
            {
                throw Refusal("A string holds half a surrogate pair, which is no character");
            }

            i++;
        }

        return result;
    }

    private char ReadEscape()
    {
        _position++;
        char escape = Current;
        _position++;
        switch (escape)
        {
            case '"' or '\\' or '/':
                return escape;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u' when _position + 4 <= _text.Length && !_text.AsSpan(_position, 4).ContainsAnyExcept(HexDigits):
                _position += 4;
                return (char)ushort.Parse(_text.AsSpan(_position - 4, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            default:
                _position -= 2;
                throw Refusal("A backslash must begin one of JSON's escapes");
        }
    }

    private void SkipRequiredDigits()
    {
        if (!char.IsAsciiDigit(Current))
        {
            throw Refusal("A digit is expected");
        }

        SkipDigits();
    }

    private void SkipDigits()
    {
        while (char.IsAsciiDigit(Current))
        {
            _position++;
        }
    }

    private void SkipSpace()
    {
        while (Current is ' ' or '\t' or '\n' or '\r')
        {
            _position++;
        }
    }

    private bool TryTake(char expected)
    {
        if (AtEnd || Current != expected)
        {
            return false;
        }

        _position++;
        return true;
    }

    private void Take(char expected)
    {
        if (!TryTake(expected))
        {
            throw Refusal($"`{expected}` is expected");
        }
    }

    private PythonJsonException Refusal(string what)
    {
        ReadOnlySpan<char> before = _text.AsSpan(0, Math.Min(_position, _text.Length));
        int line = before.Count('\n') + 1;
        int column = before.Length - before.LastIndexOf('\n');
        return new PythonJsonException(
            string.Create(CultureInfo.InvariantCulture, $"This is not JSON as Python writes it: {what}, at line {line}, column {column}."));
    }
}
