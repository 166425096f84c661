using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Adam.Engine;

/// <summary>
/// Elements of a tensor in native memory, row-major, that somebody else owns. Whoever made the view sees to it that the memory stays:
/// a view of an optimizer's slot lives as long as the optimizer, one of a <see cref="TensorBuffer"/> as long as the buffer.
/// </summary>
public readonly unsafe struct TensorView : IEquatable<TensorView>
{
    private readonly byte* _address;

    /// <summary>Describes memory.</summary>
    /// <param name="address">The first element, aligned to the size of one. May be null if there are no elements.</param>
    /// <param name="dtype">How an element is stored.</param>
    /// <param name="elementCount">How many there are; 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="ArgumentNullException">The address is null and there are elements.</exception>
    public TensorView(void* address, TensorDType dtype, long elementCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementCount);
        if (elementCount > 0)
        {
            ArgumentNullException.ThrowIfNull(address);
        }

        _address = (byte*)address;
        DType = dtype;
        ElementCount = elementCount;
    }

    /// <summary>How an element is stored.</summary>
    public TensorDType DType { get; }

    /// <summary>How many elements there are. May exceed what a span can hold.</summary>
    public long ElementCount { get; }

    /// <summary>How many bytes they take.</summary>
    public long ByteCount => ElementCount * DType.ElementBytes();

    /// <summary>The first element.</summary>
    public void* Address => _address;

    /// <summary>A run of elements as their bytes, in the byte order of the machine.</summary>
    /// <param name="offset">The first element.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The run does not lie within the tensor.</exception>
    public Span<byte> Bytes(long offset, int count)
    {
        ThrowIfOutside(offset, count);
        int size = DType.ElementBytes();
        return new Span<byte>(_address + offset * size, checked(count * size));
    }

    /// <summary>A run of elements.</summary>
    /// <typeparam name="T">The type of an element, which must have the size of <see cref="DType"/>: float, Half, or ushort for bit patterns.</typeparam>
    /// <param name="offset">The first element.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The run does not lie within the tensor.</exception>
    /// <exception cref="InvalidOperationException">An element has another size.</exception>
    public Span<T> Span<T>(long offset, int count)
        where T : unmanaged
    {
        ThrowIfOutside(offset, count);
        if (sizeof(T) != DType.ElementBytes())
        {
            throw new InvalidOperationException($"The tensor is {DType}; its elements cannot be taken as {typeof(T).Name}.");
        }

        return new Span<T>((T*)_address + offset, count);
    }

    /// <summary>All elements.</summary>
    /// <typeparam name="T">The type of an element, which must have the size of <see cref="DType"/>.</typeparam>
    /// <exception cref="OverflowException">There are more than a span can hold.</exception>
    /// <exception cref="InvalidOperationException">An element has another size.</exception>
    public Span<T> Span<T>()
        where T : unmanaged => Span<T>(0, checked((int)ElementCount));

    /// <summary>A part of the tensor.</summary>
    /// <param name="offset">The first element.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the tensor.</exception>
    public TensorView Slice(long offset, long count)
    {
        ThrowIfOutside(offset, count);
        return new TensorView(_address + offset * DType.ElementBytes(), DType, count);
    }

    /// <summary>Copies all elements over those of another tensor of the same type and length. The two may overlap.</summary>
    /// <param name="destination">Where to.</param>
    /// <exception cref="ArgumentException">Type or length differ.</exception>
    public void CopyTo(TensorView destination)
    {
        if (destination.DType != DType || destination.ElementCount != ElementCount)
        {
            throw new ArgumentException(
                $"Cannot copy {ElementCount} elements of {DType} over {destination.ElementCount} of {destination.DType}.", nameof(destination));
        }

        Buffer.MemoryCopy(_address, destination._address, ByteCount, ByteCount);
    }

    /// <summary>Sets every element to zero.</summary>
    public void Clear() => NativeMemory.Clear(_address, (nuint)ByteCount);

    /// <inheritdoc/>
    public bool Equals(TensorView other) => _address == other._address && DType == other.DType && ElementCount == other.ElementCount;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TensorView other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine((nint)_address, DType, ElementCount);

    /// <summary>Whether two views are the same memory.</summary>
    /// <param name="left">One view.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(TensorView left, TensorView right) => left.Equals(right);

    /// <summary>Whether two views differ.</summary>
    /// <param name="left">One view.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(TensorView left, TensorView right) => !left.Equals(right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ThrowIfOutside(long offset, long count)
    {
        if (offset < 0 || count < 0 || offset > ElementCount - count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), $"Elements {offset} to {offset + count} do not lie within a tensor of {ElementCount}.");
        }
    }
}
