using System.Runtime.CompilerServices;

namespace Adam.Fuzz.Oracles;

/// <summary>The text of a failure, which is put together only if there is one: a million inputs have none.</summary>
[InterpolatedStringHandler]
internal ref struct FailureText
{
    private readonly bool _isNeeded;
    private DefaultInterpolatedStringHandler _text;

    public FailureText(int literalLength, int formattedCount, bool holds, out bool isNeeded)
    {
        isNeeded = !holds;
        _isNeeded = isNeeded;
        _text = isNeeded ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
    }

    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    /// <summary>The text; empty where none was needed.</summary>
    public string Take() => _isNeeded ? _text.ToStringAndClear() : "";
}
