using Adam.Engine;

namespace Adam.Service.Codec;

/// <summary>How elements are encoded in the data of a chunk, and what they are held as once they have come.</summary>
internal abstract class ElementEncoding
{
    /// <summary>The name of the encoding in messages.</summary>
    public abstract string Name { get; }

    /// <summary>The type in which elements of this encoding are held.</summary>
    public abstract TensorDType Held { get; }

    /// <summary>Whether elements come as the bytes that are held as <see cref="Held"/>.</summary>
    public virtual bool IsVerbatim => false;

    /// <summary>What an offset must be a multiple of.</summary>
    public virtual int OffsetMultiple => 1;

    /// <summary>What the data of a chunk may be, as it reads in a message after "expected".</summary>
    public abstract string WholeData { get; }

    /// <summary>How many bytes so many elements take.</summary>
    public abstract UInt128 Bytes(long elements);

    /// <summary>How many elements data of so many bytes holds; -1 if it ends within one.</summary>
    public abstract int Count(int bytes);

    /// <summary>True if a chunk may have so many elements where others follow it.</summary>
    public virtual bool MayBeFollowed(int elements) => true;

    /// <summary>Copies wire bytes over elements. They are whole elements and lie within the tensor; the caller has checked it.</summary>
    /// <param name="data">The bytes of the chunk.</param>
    /// <param name="tensor">A tensor of type <see cref="Held"/>, or of float32, which holds all that any encoding has.</param>
    /// <param name="offset">The first element.</param>
    public abstract void Decode(ReadOnlySpan<byte> data, TensorView tensor, long offset);
}
