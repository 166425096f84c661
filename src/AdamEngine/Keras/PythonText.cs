using System.Globalization;
using System.Text;
using Adam.Engine.Options;

namespace Adam.Engine.Keras;

/// <summary>Writes values as Python does: <c>json.dumps</c>, and <c>repr</c> and <c>str</c> for messages.</summary>
internal static class PythonText
{
    // Messages travel in error details of a few kilobytes.
    private const int MessageLengthMax = 200;

    /// <summary><c>json.dumps(value)</c>: ASCII, one line, <c>", "</c> and <c>": "</c> between things.</summary>
    public static string Json(PythonValue value)
    {
        var text = new StringBuilder();
        Append(text, value, json: true);
        return text.ToString();
    }

    /// <summary><c>repr(value)</c>, cut after 200 characters.</summary>
    public static string Repr(PythonValue value)
    {
        var text = new StringBuilder();
        Append(text, value, json: false);
        return Cut(text.ToString());
    }

    /// <summary><c>str(value)</c>: <see cref="Repr"/> except that a string has no quotes.</summary>
    public static string Str(PythonValue value) => value is PythonValue.Str text ? Cut(text.Value) : Repr(value);

    private static string Cut(string text)
    {
        if (text.Length <= MessageLengthMax)
        {
            return text;
        }

        int length = char.IsHighSurrogate(text[MessageLengthMax - 1]) ? MessageLengthMax - 1 : MessageLengthMax;
        return text[..length] + "...";
    }

    private static void Append(StringBuilder text, PythonValue value, bool json)
    {
        switch (value)
        {
            case PythonValue.None:
                text.Append(json ? "null" : "None");
                break;
            case PythonValue.Bool flag:
                text.Append(json ? (flag.Value ? "true" : "false") : (flag.Value ? "True" : "False"));
                break;
            case PythonValue.Int number:
                text.Append(number.Value.ToString(CultureInfo.InvariantCulture));
                break;
            case PythonValue.Float number:
                text.Append(json ? JsonFloat(number.Value) : PythonRepr.Of(number.Value));
                break;
            case PythonValue.Str characters:
                AppendString(text, characters.Value, json);
                break;
            case PythonValue.List list:
                AppendAll(text, '[', list.Items, item => Append(text, item, json), ']');
                break;
            case PythonValue.Dict dict:
                AppendAll(text, '{', dict.Members, member => AppendMember(text, member, json), '}');
                break;
        }
    }

    private static void AppendAll<T>(StringBuilder text, char open, IReadOnlyList<T> items, Action<T> append, char close)
    {
        text.Append(open);
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                text.Append(", ");
            }

            append(items[i]);
        }

        text.Append(close);
    }

    private static void AppendMember(StringBuilder text, KeyValuePair<string, PythonValue> member, bool json)
    {
        AppendString(text, member.Key, json);
        text.Append(": ");
        Append(text, member.Value, json);
    }

    private static string JsonFloat(double value) =>
        double.IsNaN(value) ? "NaN"
        : double.IsInfinity(value) ? (value > 0 ? "Infinity" : "-Infinity")
        : PythonRepr.Of(value);

    private static void AppendString(StringBuilder text, string value, bool json)
    {
        // Python prefers single quotes unless only they occur in the string.
        char quote = json || (value.Contains('\'', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal)) ? '"' : '\'';
        text.Append(quote);
        foreach (char unit in value)
        {
            switch (unit)
            {
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case '\b' when json:
                    text.Append("\\b");
                    break;
                case '\f' when json:
                    text.Append("\\f");
                    break;
                case '\\':
                    text.Append("\\\\");
                    break;
                case var _ when unit == quote:
                    text.Append('\\').Append(unit);
                    break;
                case < ' ' or '\x7f' when !json:
                    text.Append(CultureInfo.InvariantCulture, $"\\x{(int)unit:x2}");
                    break;
                case < ' ' or > '~' when json:
                    text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
                    break;
                default:
                    text.Append(unit);
                    break;
            }
        }

        text.Append(quote);
    }
}
