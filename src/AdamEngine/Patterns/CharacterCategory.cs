using System.Text;

namespace Adam.Engine.Patterns;

/// <summary>A category of characters that Python's <c>re</c> has an escape for.</summary>
internal enum CharacterCategory
{
    /// <summary><c>\d</c>: decimal digits of any script.</summary>
    Digit,

    /// <summary><c>\s</c>: what <c>str.isspace</c> holds for.</summary>
    Space,

    /// <summary><c>\w</c>: letters and numbers of any script, and the underscore.</summary>
    Word,
}

/// <summary>Which characters are in a category.</summary>
internal static class CharacterCategories
{
    // Python counts the four separators of information in, .NET does not.
    private const int FirstSeparator = 0x1c;
    private const int LastSeparator = 0x1f;

    /// <summary>Whether the category has the character.</summary>
    public static bool Has(this CharacterCategory category, Rune character) => category switch
    {
        CharacterCategory.Digit => Rune.IsDigit(character),
        CharacterCategory.Space => Rune.IsWhiteSpace(character) || character.Value is >= FirstSeparator and <= LastSeparator,
        CharacterCategory.Word => IsWord(character),
        _ => throw new ArgumentOutOfRangeException(nameof(category)),
    };

    /// <summary>Whether a character belongs to a word.</summary>
    public static bool IsWord(Rune character) => Rune.IsLetter(character) || Rune.IsNumber(character) || character.Value == '_';
}
