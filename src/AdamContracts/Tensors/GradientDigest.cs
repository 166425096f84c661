using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Adam.V1;

/// <summary>
/// The digest of a batch, as <see cref="BatchDigest"/> defines it: over the numbers of its gradients, whatever they were sent as and however they
/// were cut up. Tensors are begun in the order of the manifest, and their elements appended in row-major order, in pieces of any size.
/// </summary>
public sealed class GradientDigest
{
    /// <summary>How many elements have a checksum of their own.</summary>
    public const int BlockElements = 4096;

    // No tensor has so many elements.
    private const ulong ListBit = 1UL << 63;

    private const int BlocksTogether = 3;
    private const uint NaN = 0x7FC00000;

    private uint _sum = Crc32C.Ones;
    private uint _block = Crc32C.Ones;
    private int _blockLength;

    /// <summary>Begins the next tensor.</summary>
    /// <param name="tensorIndex">Its index.</param>
    /// <param name="elementCount">How many elements follow.</param>
    public void BeginTensor(uint tensorIndex, ulong elementCount)
    {
        EndBlock();
        AppendToSum(tensorIndex);
        AppendToSum((uint)elementCount);
        AppendToSum((uint)(elementCount >> 32));
    }

    /// <summary>Begins the next tensor, whose gradient is a list of rows.</summary>
    /// <param name="tensorIndex">Its index.</param>
    /// <param name="ids">The rows, in the order of the list; their values follow in the same order.</param>
    public void BeginRows(uint tensorIndex, ReadOnlySpan<long> ids)
    {
        BeginTensor(tensorIndex, (uint)ids.Length | ListBit);
        AppendToSum(Crc32C.Append(Crc32C.Ones, MemoryMarshal.AsBytes(ids)) ^ Crc32C.Ones);
    }

    /// <summary>Appends elements of the tensor that was begun last.</summary>
    /// <param name="elements">Their values.</param>
    public void Append(ReadOnlySpan<float> elements)
    {
        while (!elements.IsEmpty)
        {
            if (_blockLength == 0 && elements.Length >= BlocksTogether * BlockElements && !HasNaN(elements[..(BlocksTogether * BlockElements)]))
            {
                AppendBlocks(elements[..(BlocksTogether * BlockElements)]);
                elements = elements[(BlocksTogether * BlockElements)..];
                continue;
            }

            int count = Math.Min(BlockElements - _blockLength, elements.Length);
            AppendToBlock(elements[..count]);
            elements = elements[count..];
        }
    }

    /// <summary>The digest of everything. Nothing may be appended any more.</summary>
    public uint Finish()
    {
        EndBlock();
        return _sum ^ Crc32C.Ones;
    }

    private void AppendBlocks(ReadOnlySpan<float> blocks)
    {
        (uint first, uint second, uint third) = (Crc32C.Ones, Crc32C.Ones, Crc32C.Ones);
        Crc32C.AppendThree(ref first, ref second, ref third, MemoryMarshal.AsBytes(blocks));
        AppendToSum(first ^ Crc32C.Ones);
        AppendToSum(second ^ Crc32C.Ones);
        AppendToSum(third ^ Crc32C.Ones);
    }

    private void AppendToBlock(ReadOnlySpan<float> elements)
    {
        _block = HasNaN(elements) ? AppendWithNaN(_block, elements) : Crc32C.Append(_block, MemoryMarshal.AsBytes(elements));
        _blockLength += elements.Length;
        if (_blockLength == BlockElements)
        {
            EndBlock();
        }
    }

    private void EndBlock()
    {
        if (_blockLength > 0)
        {
            AppendToSum(_block ^ Crc32C.Ones);
            (_block, _blockLength) = (Crc32C.Ones, 0);
        }
    }

    private void AppendToSum(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _sum = Crc32C.Append(_sum, bytes);
    }

    // What a NaN carries beside being one differs between processors.
    private static uint AppendWithNaN(uint sum, ReadOnlySpan<float> elements)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        foreach (float element in elements)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, float.IsNaN(element) ? NaN : BitConverter.SingleToUInt32Bits(element));
            sum = Crc32C.Append(sum, bytes);
        }

        return sum;
    }

    private static bool HasNaN(ReadOnlySpan<float> elements)
    {
        while (elements.Length >= Vector<float>.Count)
        {
            var values = new Vector<float>(elements);
            if (!Vector.EqualsAll(values, values))
            {
                return true;
            }

            elements = elements[Vector<float>.Count..];
        }

        foreach (float element in elements)
        {
            if (float.IsNaN(element))
            {
                return true;
            }
        }

        return false;
    }
}
