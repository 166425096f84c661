using System.Diagnostics.CodeAnalysis;

namespace Adam.Client;

/// <summary>
/// Room for the elements of one tensor, row-major, in memory of the caller: what a reply or a read fills. Arrays and memories of
/// <see cref="float"/> and <see cref="Half"/> convert to it. The default value is empty, which in a reply leaves its tensor out.
/// </summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "These are the names of the types.")]
public readonly struct TensorMemory : IEquatable<TensorMemory>
{
    private readonly ReadOnlyTensorMemory _memory;

    private TensorMemory(ReadOnlyTensorMemory memory)
    {
        _memory = memory;
    }

    /// <summary>The element type.</summary>
    public TensorDType DType => _memory.DType;

    /// <summary>How many elements there is room for.</summary>
    public int Length => _memory.Length;

    /// <summary>True if there is room for none.</summary>
    public bool IsEmpty => _memory.IsEmpty;

    /// <summary>Room for float32 elements.</summary>
    /// <param name="elements">The room.</param>
    public static TensorMemory Float32(Memory<float> elements) => new(ReadOnlyTensorMemory.Float32(elements));

    /// <summary>Room for float16 elements.</summary>
    /// <param name="elements">The room.</param>
    public static TensorMemory Float16(Memory<Half> elements) => new(ReadOnlyTensorMemory.Float16(elements));

    /// <summary>Room for bfloat16 elements, for replies and reads that are asked for as such.</summary>
    /// <param name="bits">Room for the upper halves of the bits of float32 numbers.</param>
    public static TensorMemory BFloat16(Memory<ushort> bits) => new(ReadOnlyTensorMemory.BFloat16(bits));

    /// <summary>Room for integers, for <see cref="TensorSlot.RowSteps"/>.</summary>
    /// <param name="elements">The room.</param>
    public static TensorMemory Int32(Memory<int> elements) => new(ReadOnlyTensorMemory.Int32(elements));

    /// <summary>Room for integers.</summary>
    /// <param name="elements">The room.</param>
    public static implicit operator TensorMemory(int[]? elements) => Int32(elements);

    /// <summary>Room for float32 elements.</summary>
    /// <param name="elements">The room.</param>
    public static implicit operator TensorMemory(float[]? elements) => Float32(elements);

    /// <summary>Room for float32 elements.</summary>
    /// <param name="elements">The room.</param>
    public static implicit operator TensorMemory(Memory<float> elements) => Float32(elements);

    /// <summary>Room for float16 elements.</summary>
    /// <param name="elements">The room.</param>
    public static implicit operator TensorMemory(Half[]? elements) => Float16(elements);

    /// <summary>Room for float16 elements.</summary>
    /// <param name="elements">The room.</param>
    public static implicit operator TensorMemory(Memory<Half> elements) => Float16(elements);

    /// <summary>The same memory, to be sent.</summary>
    /// <param name="memory">The memory.</param>
    public static implicit operator ReadOnlyTensorMemory(TensorMemory memory) => memory.AsReadOnly();

    /// <summary>Whether both are the same wrapping of the same memory; contents are not compared.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(TensorMemory left, TensorMemory right) => left.Equals(right);

    /// <summary>Whether they are not the same wrapping of the same memory.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(TensorMemory left, TensorMemory right) => !left.Equals(right);

    /// <summary>The same memory, to be sent.</summary>
    public ReadOnlyTensorMemory AsReadOnly() => _memory;

    /// <summary>Whether both are the same wrapping of the same memory; contents are not compared.</summary>
    /// <param name="other">The other.</param>
    public bool Equals(TensorMemory other) => _memory.Equals(other._memory);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TensorMemory other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _memory.GetHashCode();

    /// <summary>The bytes of some elements.</summary>
    internal Span<byte> Room(int offset, int count) => _memory.Room(offset, count);
}
