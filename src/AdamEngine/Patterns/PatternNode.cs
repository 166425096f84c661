namespace Adam.Engine.Patterns;

/// <summary>A part of a pattern, as it was written.</summary>
internal abstract class PatternNode
{
    private PatternNode()
    {
    }

    /// <summary>How many instructions it is made of, with its repeats written out.</summary>
    public abstract long Length { get; }

    // Repeats inside of repeats ask for any number; what is longer than this is too long in any case.
    private static long Capped(long length) => Math.Min(length, int.MaxValue);

    /// <summary>One character.</summary>
    public sealed class Character(CharacterSet characters) : PatternNode
    {
        /// <summary>Which.</summary>
        public CharacterSet Characters => characters;

        public override long Length => 1;
    }

    /// <summary>A place.</summary>
    public sealed class Anchor(PatternAnchor where) : PatternNode
    {
        /// <summary>Which.</summary>
        public PatternAnchor Where => where;

        public override long Length => 1;
    }

    /// <summary>One part after the other; none for the empty text.</summary>
    public sealed class Sequence(IReadOnlyList<PatternNode> parts) : PatternNode
    {
        /// <summary>The parts.</summary>
        public IReadOnlyList<PatternNode> Parts => parts;

        public override long Length { get; } = Capped(parts.Sum(part => part.Length));
    }

    /// <summary>One of several parts.</summary>
    public sealed class Alternation(IReadOnlyList<PatternNode> choices) : PatternNode
    {
        /// <summary>The parts, at least two.</summary>
        public IReadOnlyList<PatternNode> Choices => choices;

        // A fork before each but the last, and a jump after it.
        public override long Length { get; } = Capped(choices.Sum(choice => choice.Length + 2) - 2);
    }

    /// <summary>A part several times.</summary>
    public sealed class Repeat(PatternNode part, int min, int? max) : PatternNode
    {
        /// <summary>The part.</summary>
        public PatternNode Part => part;

        /// <summary>How often at least.</summary>
        public int Min => min;

        /// <summary>How often at most; null without a limit.</summary>
        public int? Max => max;

        public override long Length { get; } = Capped(LengthOf(part.Length, min, max));

        // The empty text is the same however often. Otherwise there is a fork before each time that need not be, and a jump back if there is no limit.
        private static long LengthOf(long part, int min, int? max) => part == 0
            ? 0
            : (min * part) + (max is { } last ? (last - min) * (part + 1) : part + 2);
    }
}
