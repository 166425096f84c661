namespace Adam.Client.Internal;

/// <summary>Elements of the caller, whatever their type, seen as bytes piece by piece: all of them may be more bytes than a span can have.</summary>
internal abstract class Elements
{
    /// <summary>How many elements there are.</summary>
    public abstract int Length { get; }

    /// <summary>The bytes of some elements, which refer to the caller's memory.</summary>
    public abstract ReadOnlyMemory<byte> Bytes(int offset, int count);

    /// <summary>The bytes of some elements, to be written to if the caller gave memory for that.</summary>
    public abstract Span<byte> Room(int offset, int count);
}
