using System.Globalization;

namespace Adam.Engine.Patterns;

/// <summary>
/// Reads a regular expression with the grammar of Python's <c>re</c>, as Keras does, except for what cannot be searched in linear time. Greedy
/// and lazy repeats are the same here, because it is only asked whether a text is found.
/// </summary>
internal sealed class PatternParser
{
    // The parser goes down into each group.
    private const int DepthMax = 100;

    private readonly PatternText _text;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    // Long patterns are of few different characters mostly.
    private readonly Dictionary<(int Character, bool IgnoresCase), PatternNode> _single = [];
    private int _depth;

    private PatternParser(string pattern) => _text = new PatternText(pattern);

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    /// <exception cref="NotSupportedException">It needs backtracking.</exception>
    public static PatternNode Parse(string pattern)
    {
        var parser = new PatternParser(pattern);
        PatternNode node = parser.ReadAlternation(parser.ReadGlobalFlags());
        return parser._text.IsAtEnd ? node : throw parser._text.Wrong("this parenthesis closes nothing");
    }

    private static PatternFlags? FlagOf(int letter) => letter switch
    {
        'i' => PatternFlags.IgnoreCase,
        'm' => PatternFlags.MultiLine,
        's' => PatternFlags.DotAll,

        // Texts are Unicode already.
        'u' => PatternFlags.None,
        _ => null,
    };

    // Python allows them at the beginning of the whole only.
    private PatternFlags ReadGlobalFlags()
    {
        var flags = PatternFlags.None;
        SkipComments();
        for (int start = _text.Position; _text.TryTake("(?"); start = _text.Position)
        {
            PatternFlags read = ReadFlags();
            if (_text.Position == start + "(?".Length || !_text.TryTake(")"))
            {
                _text.ReturnTo(start);
                break;
            }

            flags |= read;
            SkipComments();
        }

        return flags;
    }

    private PatternFlags ReadFlags()
    {
        var flags = PatternFlags.None;
        while (FlagOf(_text.Next) is { } flag)
        {
            flags |= flag;
            _text.Take();
        }

        return flags;
    }

    private PatternNode ReadAlternation(PatternFlags flags)
    {
        var choices = new List<PatternNode> { ReadSequence(flags) };
        while (_text.TryTake("|"))
        {
            choices.Add(ReadSequence(flags));
        }

        return choices.Count == 1 ? choices[0] : new PatternNode.Alternation(choices);
    }

    private PatternNode.Sequence ReadSequence(PatternFlags flags)
    {
        var parts = new List<PatternNode>();
        SkipComments();
        while (!_text.IsAtEnd && _text.Next is not ('|' or ')'))
        {
            parts.Add(ReadRepeat(ReadPart(flags)));
        }

        return new PatternNode.Sequence(parts);
    }

    private PatternNode ReadPart(PatternFlags flags)
    {
        int start = _text.Position;
        if (ReadRepeatCount() is not null)
        {
            _text.ReturnTo(start);
            throw _text.Wrong("nothing to repeat");
        }

        int character = _text.Take();
        return character switch
        {
            '(' => ReadGroup(flags),
            '[' => new PatternNode.Character(PatternClassReader.Read(_text, IgnoresCase(flags))),
            '\\' => PatternEscapeReader.ReadOutsideOfClass(_text, IgnoresCase(flags)),
            '.' => new PatternNode.Character(flags.HasFlag(PatternFlags.DotAll) ? new CharacterSet { IsComplement = true } : CharacterSet.AllButLineFeed()),
            '^' => new PatternNode.Anchor(flags.HasFlag(PatternFlags.MultiLine) ? PatternAnchor.LineStart : PatternAnchor.TextStart),
            '$' => new PatternNode.Anchor(flags.HasFlag(PatternFlags.MultiLine) ? PatternAnchor.LineEnd : PatternAnchor.LastLineEnd),
            _ => Single(character, IgnoresCase(flags)),
        };
    }

    private PatternNode Single(int character, bool ignoresCase)
    {
        if (!_single.TryGetValue((character, ignoresCase), out PatternNode? node))
        {
            node = new PatternNode.Character(CharacterSet.Of(character, ignoresCase));
            _single.Add((character, ignoresCase), node);
        }

        return node;
    }

    private static bool IgnoresCase(PatternFlags flags) => flags.HasFlag(PatternFlags.IgnoreCase);

    private PatternNode ReadGroup(PatternFlags flags)
    {
        if (_text.TryTake("?"))
        {
            flags = ReadGroupKind(flags);
        }

        if (++_depth > DepthMax)
        {
            throw _text.Wrong($"more than {DepthMax} groups inside of each other");
        }

        PatternNode group = ReadAlternation(flags);
        CloseGroup();
        _depth--;
        return group;
    }

    // What follows "(?": afterwards the inside of the group begins.
    private PatternFlags ReadGroupKind(PatternFlags flags)
    {
        if (_text.TryTake("P<"))
        {
            string name = _text.TakeWhile(IsOfName, int.MaxValue);
            return name.Length > 0 && !char.IsAsciiDigit(name[0]) && _text.TryTake(">") && _names.Add(name)
                ? flags
                : throw _text.Wrong("expected the name of a group, which no other group has, and '>'");
        }

        if (_text.Next is '=' or '!' or '<' or '>' or '(' or 'P')
        {
            throw PatternSyntax.NeedsBacktracking();
        }

        flags |= ReadFlags();
        if (_text.TryTake("-"))
        {
            flags &= ~ReadFlags();
        }

        return _text.TryTake(":") ? flags : throw _text.Wrong("expected ':', after one of the flags i, m, s or u if need be; flags of the whole stand at its beginning");
    }

    private static bool IsOfName(int character) => character == '_' || (character < 128 && char.IsAsciiLetterOrDigit((char)character));

    private void CloseGroup()
    {
        if (!_text.TryTake(")"))
        {
            throw _text.Wrong("expected ')'");
        }
    }

    // Wherever one may stand: a repeat counts for what is before it.
    private void SkipComments()
    {
        while (_text.TryTake("(?#"))
        {
            _text.TakeWhile(character => character != ')', int.MaxValue);
            CloseGroup();
        }
    }

    private PatternNode ReadRepeat(PatternNode part)
    {
        SkipComments();
        int start = _text.Position;
        if (ReadRepeatCount() is not { } count)
        {
            return part;
        }

        if (part is PatternNode.Anchor)
        {
            _text.ReturnTo(start);
            throw _text.Wrong("nothing to repeat");
        }

        if (!_text.TryTake("?") && _text.Next == '+')
        {
            throw PatternSyntax.NeedsBacktracking();
        }

        SkipComments();
        int end = _text.Position;
        if (ReadRepeatCount() is not null)
        {
            _text.ReturnTo(end);
            throw _text.Wrong("a repeat of a repeat");
        }

        return new PatternNode.Repeat(part, count.Min, count.Max);
    }

    // Null, with nothing read, where no repeat stands: a brace may be a character.
    private (int Min, int? Max)? ReadRepeatCount()
    {
        switch (_text.Next)
        {
            case '*':
                _text.Take();
                return (0, null);
            case '+':
                _text.Take();
                return (1, null);
            case '?':
                _text.Take();
                return (0, 1);
            case '{':
                return ReadBraces();
            default:
                return null;
        }
    }

    private (int Min, int? Max)? ReadBraces()
    {
        int start = _text.Position;
        _text.Take();
        string first = ReadDigits();
        bool isRange = _text.TryTake(",");
        string second = isRange ? ReadDigits() : first;
        if ((first.Length == 0 && !isRange) || !_text.TryTake("}"))
        {
            _text.ReturnTo(start);
            return null;
        }

        int min = first.Length == 0 ? 0 : CountOf(first);
        int? max = second.Length == 0 ? null : CountOf(second);
        return max < min ? throw _text.Wrong($"at least {min} and at most {max} times") : (min, max);
    }

    private string ReadDigits() => _text.TakeWhile(character => character is >= '0' and <= '9', int.MaxValue);

    private int CountOf(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
        ? count
        : throw _text.Wrong("this is too often");
}
