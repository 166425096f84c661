using System.Diagnostics.CodeAnalysis;
using Adam.Client.Internal;

namespace Adam.Client;

/// <summary>
/// Elements of one tensor, row-major, in memory of the caller: what is sent. It is wrapped, not copied, and read until the call ends.
/// Arrays and memories of <see cref="float"/> and <see cref="Half"/> and arrays of <see cref="int"/> convert to it. The default value is an empty float32 tensor.
/// </summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "These are the names of the types.")]
public readonly struct ReadOnlyTensorMemory : IEquatable<ReadOnlyTensorMemory>
{
    private readonly TensorDType _dtype;
    private readonly Elements? _elements;

    private ReadOnlyTensorMemory(TensorDType dtype, Elements elements)
    {
        _dtype = dtype;
        _elements = elements;
    }

    /// <summary>The element type.</summary>
    public TensorDType DType => _dtype == TensorDType.Unknown ? TensorDType.Float32 : _dtype;

    /// <summary>How many elements there are.</summary>
    public int Length => _elements?.Length ?? 0;

    /// <summary>True if there are none.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>float32 elements.</summary>
    /// <param name="elements">The elements.</param>
    public static ReadOnlyTensorMemory Float32(ReadOnlyMemory<float> elements) => new(TensorDType.Float32, new Elements<float>(elements));

    /// <summary>float16 elements.</summary>
    /// <param name="elements">The elements.</param>
    public static ReadOnlyTensorMemory Float16(ReadOnlyMemory<Half> elements) => new(TensorDType.Float16, new Elements<Half>(elements));

    /// <summary>bfloat16 elements; for gradients. Variables are never written in them.</summary>
    /// <param name="bits">The upper halves of the bits of float32 numbers.</param>
    public static ReadOnlyTensorMemory BFloat16(ReadOnlyMemory<ushort> bits) => new(TensorDType.BFloat16, new Elements<ushort>(bits));

    /// <summary>Integers, for <see cref="TensorSlot.RowSteps"/>.</summary>
    /// <param name="elements">The elements.</param>
    public static ReadOnlyTensorMemory Int32(ReadOnlyMemory<int> elements) => new(TensorDType.Int32, new Elements<int>(elements));

    /// <summary>Integers.</summary>
    /// <param name="elements">The elements.</param>
    public static implicit operator ReadOnlyTensorMemory(int[]? elements) => Int32(elements);

    /// <summary>float32 elements.</summary>
    /// <param name="elements">The elements.</param>
    public static implicit operator ReadOnlyTensorMemory(float[]? elements) => Float32(elements);

    /// <summary>float32 elements.</summary>
    /// <param name="elements">The elements.</param>
    public static implicit operator ReadOnlyTensorMemory(ReadOnlyMemory<float> elements) => Float32(elements);

    /// <summary>float32 elements.</summary>
    /// <param name="elements">The elements.</param>
    public static implicit operator ReadOnlyTensorMemory(Memory<float> elements) => Float32(elements);

    /// <summary>float16 elements.</summary>
    /// <param name="elements">The elements.</param>
    public static implicit operator ReadOnlyTensorMemory(Half[]? elements) => Float16(elements);

    /// <summary>float16 elements.</summary>
    /// <param name="elements">The elements.</param>
    public static implicit operator ReadOnlyTensorMemory(ReadOnlyMemory<Half> elements) => Float16(elements);

    /// <summary>float16 elements.</summary>
    /// <param name="elements">The elements.</param>
    public static implicit operator ReadOnlyTensorMemory(Memory<Half> elements) => Float16(elements);

    /// <summary>Whether both are the same wrapping of the same memory; contents are not compared.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(ReadOnlyTensorMemory left, ReadOnlyTensorMemory right) => left.Equals(right);

    /// <summary>Whether they are not the same wrapping of the same memory.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(ReadOnlyTensorMemory left, ReadOnlyTensorMemory right) => !left.Equals(right);

    /// <summary>Whether both are the same wrapping of the same memory; contents are not compared.</summary>
    /// <param name="other">The other.</param>
    public bool Equals(ReadOnlyTensorMemory other) => DType == other.DType && ReferenceEquals(_elements, other._elements);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ReadOnlyTensorMemory other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(DType, _elements);

    /// <summary>The bytes of some elements in the order of the wire.</summary>
    internal ReadOnlyMemory<byte> Bytes(int offset, int count) => _elements is { } elements ? elements.Bytes(offset, count) : default;

    /// <summary>The bytes of some elements, to be written to.</summary>
    internal Span<byte> Room(int offset, int count) => _elements is { } elements ? elements.Room(offset, count) : default;
}
