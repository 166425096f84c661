using System.Buffers;
using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Adam.V1;

/// <summary>
/// Memory for the elements of one received chunk, used again and again: a megabyte for each message would otherwise be garbage on the
/// large-object heap. A chunk whose elements were taken out is given back by <see cref="Release"/>; one that is not is ordinary garbage.
/// </summary>
public sealed class TensorPayload : MemoryManager<byte>
{
    private const int SmallestLog2 = 12;
    private const int LargestLog2 = 24;

    // What lies ready for later, all sizes together. As many streams as have a chunk in hand at a time need one piece each.
    private const long IdleBytesMax = 64L << 20;

    private static readonly ConcurrentQueue<TensorPayload>[] Idle =
        [.. Enumerable.Range(SmallestLog2, LargestLog2 - SmallestLog2 + 1).Select(_ => new ConcurrentQueue<TensorPayload>())];

    private static long s_idleBytes;

    private readonly byte[] _bytes;
    private int _length;
    private int _isRented;

    private TensorPayload(int capacity)
    {
        // Pinned, so that it lies where it is never moved and no generation counts it.
        _bytes = GC.AllocateUninitializedArray<byte>(capacity, pinned: true);
    }

    /// <inheritdoc/>
    public override Memory<byte> Memory => CreateMemory(_length);

    /// <summary>Copies elements from where they were received.</summary>
    /// <param name="elements">The elements.</param>
    /// <returns>The same elements, in memory of this class where they are many.</returns>
    public static ByteString CopyFrom(in ReadOnlySequence<byte> elements)
    {
        int length = checked((int)elements.Length);
        int log2 = length <= 1 << SmallestLog2 ? SmallestLog2 : 32 - BitOperations.LeadingZeroCount((uint)length - 1);
        if (length < (1 << SmallestLog2) || log2 > LargestLog2)
        {
            byte[] own = new byte[length];
            elements.CopyTo(own);
            return UnsafeByteOperations.UnsafeWrap(own);
        }

        if (Idle[log2 - SmallestLog2].TryDequeue(out TensorPayload? payload))
        {
            Interlocked.Add(ref s_idleBytes, -payload._bytes.Length);
        }
        else
        {
            payload = new TensorPayload(1 << log2);
        }

        payload._length = length;
        payload._isRented = 1;
        elements.CopyTo(payload._bytes);
        return UnsafeByteOperations.UnsafeWrap(payload.Memory);
    }

    /// <summary>Gives memory back. From here on nobody may look at these elements. Elements from elsewhere are left alone.</summary>
    /// <param name="elements">What <see cref="CopyFrom"/> returned.</param>
    public static void Release(ByteString elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        if (!MemoryMarshal.TryGetMemoryManager(elements.Memory, out TensorPayload? payload)
            || Interlocked.Exchange(ref payload._isRented, 0) == 0)
        {
            return;
        }

        int bytes = payload._bytes.Length;
        if (Interlocked.Add(ref s_idleBytes, bytes) > IdleBytesMax)
        {
            Interlocked.Add(ref s_idleBytes, -bytes);
            return;
        }

        Idle[BitOperations.Log2((uint)bytes) - SmallestLog2].Enqueue(payload);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => _bytes.AsSpan(0, _length);

    /// <inheritdoc/>
    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length);
        return new MemoryHandle((byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, elementIndex));
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
