using System.Text;

namespace Adam.Engine.Patterns;

/// <summary>The characters of a pattern, read from the left.</summary>
internal sealed class PatternText(string text)
{
    private readonly int[] _characters = [.. text.EnumerateRunes().Select(character => character.Value)];

    /// <summary>How many characters have been read.</summary>
    public int Position { get; private set; }

    /// <summary>Whether all have been read.</summary>
    public bool IsAtEnd => Position == _characters.Length;

    /// <summary>The character that is read next; -1 at the end.</summary>
    public int Next => IsAtEnd ? -1 : _characters[Position];

    /// <summary>Reads a character.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public int Take() => IsAtEnd ? throw Wrong("more is expected") : _characters[Position++];

    /// <summary>Reads these characters if they come next.</summary>
    public bool TryTake(string expected)
    {
        if (_characters.Length - Position < expected.Length)
        {
            return false;
        }

        for (int i = 0; i < expected.Length; i++)
        {
            if (_characters[Position + i] != expected[i])
            {
                return false;
            }
        }

        Position += expected.Length;
        return true;
    }

    /// <summary>Reads characters while they fulfil a condition, so many at most.</summary>
    public string TakeWhile(Func<int, bool> condition, int lengthMax)
    {
        var taken = new StringBuilder();
        for (int i = 0; i < lengthMax && !IsAtEnd && condition(Next); i++)
        {
            taken.Append(new Rune(Take()).ToString());
        }

        return taken.ToString();
    }

    /// <summary>Goes back to where the reader was.</summary>
    public void ReturnTo(int position) => Position = position;

    /// <summary>The refusal of what stands here.</summary>
    public FormatException Wrong(string what) => new($"At character {Position}: {what}.");
}
