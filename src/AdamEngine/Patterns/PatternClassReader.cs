namespace Adam.Engine.Patterns;

/// <summary>Reads what stands between brackets, as Python's <c>re</c> does.</summary>
internal static class PatternClassReader
{
    /// <summary>Reads a class after its opening bracket.</summary>
    public static CharacterSet Read(PatternText text, bool ignoresCase)
    {
        var set = new CharacterSet { IsComplement = text.TryTake("^"), IgnoresCase = ignoresCase };

        // A bracket that comes first is a character.
        for (bool isFirst = true; isFirst || text.Next != ']'; isFirst = false)
        {
            ReadItem(text, set);
        }

        text.Take();
        return set;
    }

    private static void ReadItem(PatternText text, CharacterSet set)
    {
        int? first = ReadCharacter(text, set);

        // A hyphen that comes last is a character.
        int start = text.Position;
        if (!text.TryTake("-") || text.Next == ']')
        {
            text.ReturnTo(start);
            if (first is { } single)
            {
                set.With(single, single);
            }

            return;
        }

        int? last = ReadCharacter(text, set);
        if (first is null || last is null || last < first)
        {
            throw text.Wrong("this is no range of characters");
        }

        set.With(first.Value, last.Value);
    }

    // Null for a category, which is put into the set.
    private static int? ReadCharacter(PatternText text, CharacterSet set)
    {
        if (text.IsAtEnd)
        {
            throw text.Wrong("expected ']'");
        }

        int character = text.Take();
        if (character != '\\')
        {
            return character;
        }

        if (text.TryTake("b"))
        {
            return '\b';
        }

        if (PatternEscapeReader.ReadCategory(text) is { } category)
        {
            set.With(category.Category, category.IsComplement);
            return null;
        }

        return PatternEscapeReader.ReadCharacter(text);
    }
}
