using System.Runtime.InteropServices;
using System.Text;

namespace Adam.Engine.Patterns;

/// <summary>The characters that one place of a pattern takes.</summary>
internal sealed class CharacterSet
{
    private List<(int First, int Last)>? _ranges;
    private List<(CharacterCategory Category, bool IsComplement)>? _categories;

    /// <summary>Whether it takes what is not listed.</summary>
    public bool IsComplement { get; init; }

    /// <summary>Whether the case of letters is ignored.</summary>
    public bool IgnoresCase { get; init; }

    /// <summary>How many comparisons a look costs.</summary>
    public int Cost => 1 + (_ranges?.Count ?? 0) + (_categories?.Count ?? 0);

    /// <summary>The set of one character.</summary>
    public static CharacterSet Of(int character, bool ignoresCase)
    {
        CharacterSet set = new CharacterSet { IgnoresCase = ignoresCase }.With(character, character);
        if (ignoresCase)
        {
            int lower = Rune.ToLowerInvariant(new Rune(character)).Value;
            set.With(lower, lower);
        }

        return set;
    }

    /// <summary>The set of all characters but the line feed.</summary>
    public static CharacterSet AllButLineFeed() => new CharacterSet { IsComplement = true }.With('\n', '\n');

    /// <summary>Lists a range.</summary>
    public CharacterSet With(int first, int last)
    {
        (_ranges ??= new(1)).Add((first, last));
        return this;
    }

    /// <summary>Lists a category, or all that it does not have.</summary>
    public CharacterSet With(CharacterCategory category, bool isComplement)
    {
        (_categories ??= new(1)).Add((category, isComplement));
        return this;
    }

    /// <summary>Whether the character is taken.</summary>
    public bool Takes(Rune character)
    {
        bool isListed = Lists(character)
            || (IgnoresCase && (Lists(Rune.ToLowerInvariant(character)) || Lists(Rune.ToUpperInvariant(character))));
        return isListed != IsComplement;
    }

    private bool Lists(Rune character) => IsInRange(character.Value) || IsInCategory(character);

    private bool IsInRange(int character)
    {
        foreach ((int first, int last) in CollectionsMarshal.AsSpan(_ranges))
        {
            if (character >= first && character <= last)
            {
                return true;
            }
        }

        return false;
    }

    private bool IsInCategory(Rune character)
    {
        foreach ((CharacterCategory category, bool isComplement) in CollectionsMarshal.AsSpan(_categories))
        {
            if (category.Has(character) != isComplement)
            {
                return true;
            }
        }

        return false;
    }
}
