namespace Adam.Engine.Patterns;

/// <summary>Makes a program of a pattern: each character of it is an instruction, as often as it is repeated.</summary>
internal sealed class PatternCompiler
{
    // 256 KiB of instructions.
    private const int LengthMax = 1 << 15;

    private readonly PatternInstruction[] _instructions;
    private readonly List<CharacterSet> _sets = [];
    private readonly Dictionary<CharacterSet, int> _numbers = [];
    private int _length;

    private PatternCompiler(int length) => _instructions = new PatternInstruction[length];

    /// <summary>Makes a program.</summary>
    /// <exception cref="FormatException">It would be too long.</exception>
    public static PatternProgram Compile(PatternNode pattern)
    {
        // One more says that the pattern is found.
        long length = pattern.Length + 1;
        if (length > LengthMax)
        {
            throw new FormatException($"It is too long: with its repeats written out it has more than {LengthMax - 1} parts.");
        }

        var compiler = new PatternCompiler((int)length);
        compiler.Write(pattern);
        compiler.Write(PatternOperation.Found, 0);
        return new PatternProgram(compiler._instructions, [.. compiler._sets]);
    }

    private void Write(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.Character character:
                Write(PatternOperation.Character, NumberOf(character.Characters));
                break;
            case PatternNode.Anchor anchor:
                Write(PatternOperation.Anchor, (int)anchor.Where);
                break;
            case PatternNode.Sequence sequence:
                foreach (PatternNode part in sequence.Parts)
                {
                    Write(part);
                }

                break;
            case PatternNode.Alternation alternation:
                WriteChoices(alternation.Choices);
                break;
            case PatternNode.Repeat repeat:
                WriteRepeat(repeat);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(node));
        }
    }

    private void WriteChoices(IReadOnlyList<PatternNode> choices)
    {
        var ends = new List<int>(choices.Count);
        for (int i = 0; i < choices.Count - 1; i++)
        {
            int fork = Write(PatternOperation.Fork, 0);
            Write(choices[i]);
            ends.Add(Write(PatternOperation.Jump, 0));
            PointToHere(fork);
        }

        Write(choices[^1]);
        ends.ForEach(PointToHere);
    }

    private void WriteRepeat(PatternNode.Repeat repeat)
    {
        if (repeat.Length == 0)
        {
            return;
        }

        for (int i = 0; i < repeat.Min; i++)
        {
            Write(repeat.Part);
        }

        if (repeat.Max is not { } max)
        {
            int fork = Write(PatternOperation.Fork, 0);
            Write(repeat.Part);
            Write(PatternOperation.Jump, fork);
            PointToHere(fork);
            return;
        }

        // From each of them the way leads to the end of all.
        int end = _length + ((max - repeat.Min) * (1 + (int)repeat.Part.Length));
        for (int i = repeat.Min; i < max; i++)
        {
            Write(PatternOperation.Fork, end);
            Write(repeat.Part);
        }
    }

    private int Write(PatternOperation operation, int x)
    {
        _instructions[_length] = new PatternInstruction(operation, x);
        return _length++;
    }

    private void PointToHere(int instruction) => _instructions[instruction] = _instructions[instruction] with { X = _length };

    // A part that is repeated is written anew each time, its set is the same.
    private int NumberOf(CharacterSet set)
    {
        if (!_numbers.TryGetValue(set, out int number))
        {
            number = _sets.Count;
            _sets.Add(set);
            _numbers.Add(set, number);
        }

        return number;
    }
}
