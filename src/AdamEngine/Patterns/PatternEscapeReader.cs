using System.Globalization;

namespace Adam.Engine.Patterns;

/// <summary>Reads what follows a backslash, as Python's <c>re</c> does.</summary>
internal static class PatternEscapeReader
{
    private const int OctalMax = 255;
    private const int CharacterMax = 0x10ffff;

    /// <summary>Reads an escape that is a part of its own.</summary>
    public static PatternNode ReadOutsideOfClass(PatternText text, bool ignoresCase)
    {
        if (AnchorOf(text.Next) is { } anchor)
        {
            text.Take();
            return new PatternNode.Anchor(anchor);
        }

        if (ReadCategory(text) is { } category)
        {
            return new PatternNode.Character(new CharacterSet().With(category.Category, category.IsComplement));
        }

        // Three octal digits are a character, fewer that do not begin with 0 a group.
        if (text.Next is >= '1' and <= '9' && !IsOctalCharacter(text))
        {
            throw PatternSyntax.NeedsBacktracking();
        }

        return new PatternNode.Character(CharacterSet.Of(ReadCharacter(text), ignoresCase));
    }

    /// <summary>Reads the escape of a category; null, with nothing read, where it is another one.</summary>
    public static (CharacterCategory Category, bool IsComplement)? ReadCategory(PatternText text)
    {
        (CharacterCategory, bool)? found = text.Next switch
        {
            'd' => (CharacterCategory.Digit, false),
            'D' => (CharacterCategory.Digit, true),
            's' => (CharacterCategory.Space, false),
            'S' => (CharacterCategory.Space, true),
            'w' => (CharacterCategory.Word, false),
            'W' => (CharacterCategory.Word, true),
            _ => null,
        };
        if (found is not null)
        {
            text.Take();
        }

        return found;
    }

    /// <summary>Reads the escape of a character.</summary>
    public static int ReadCharacter(PatternText text)
    {
        int letter = text.Next;
        if (letter is >= '0' and <= '7')
        {
            return ReadOctal(text);
        }

        text.Take();
        return letter switch
        {
            'a' => '\a',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            'x' => ReadHex(text, 2),
            'u' => ReadHex(text, 4),
            'U' => ReadHex(text, 8),
            < 128 when char.IsAsciiLetterOrDigit((char)letter) => throw text.Wrong($"there is no escape '\\{(char)letter}'"),
            _ => letter,
        };
    }

    private static PatternAnchor? AnchorOf(int letter) => letter switch
    {
        'A' => PatternAnchor.TextStart,
        'Z' => PatternAnchor.TextEnd,
        'b' => PatternAnchor.WordBoundary,
        'B' => PatternAnchor.NoWordBoundary,
        _ => null,
    };

    private static bool IsOctalCharacter(PatternText text)
    {
        int start = text.Position;
        bool isOctal = text.TakeWhile(IsOctal, 3).Length == 3;
        text.ReturnTo(start);
        return isOctal;
    }

    private static bool IsOctal(int character) => character is >= '0' and <= '7';

    private static int ReadOctal(PatternText text)
    {
        int value = text.TakeWhile(IsOctal, 3).Aggregate(0, (sum, digit) => (sum * 8) + (digit - '0'));
        return value <= OctalMax ? value : throw text.Wrong("an octal escape above 377");
    }

    private static int ReadHex(PatternText text, int length)
    {
        string digits = text.TakeWhile(character => character < 128 && char.IsAsciiHexDigit((char)character), length);
        return digits.Length == length && long.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) is <= CharacterMax and var value
            ? (int)value
            : throw text.Wrong($"expected {length} hexadecimal digits of a character");
    }
}
