using System.Buffers.Binary;

namespace Adam.Service.SharedMemory;

/// <summary>
/// The page in front of shared weights, as the contract describes it: a counter by which readers find out whether weights changed while they
/// read, and the version.
/// </summary>
/// <remarks>Written in the session's queue alone. Nothing in it is ever read back: the values are kept here.</remarks>
internal sealed unsafe class WeightsHeader
{
    /// <summary>Its length.</summary>
    public const long Bytes = 4096;

    /// <summary>How far behind the header the weights begin, so that they do not lie at the same place of a page as gradients and other slots.</summary>
    public const long StaggerBytes = 320;

    private const int CounterOffset = 8;
    private const int VersionOffset = 16;

    private readonly nint _address;
    private long _counter;

    /// <summary>Writes the header's beginning.</summary>
    /// <param name="address">The first byte of the region, which outlives this.</param>
    public WeightsHeader(byte* address)
    {
        _address = (nint)address;
        BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(address, sizeof(ulong)), BinaryPrimitives.ReadUInt64LittleEndian("ADAMSHM1"u8));
    }

    /// <summary>Says that weights may change from now on.</summary>
    public void BeginChange() => WriteCounter();

    /// <summary>Says that they have changed, or not.</summary>
    public void EndChange() => WriteCounter();

    /// <summary>Says of which version they are.</summary>
    public void WriteVersion(ulong version) => Volatile.Write(ref *(ulong*)(_address + VersionOffset), version);

    // A full fence on both sides: what comes before it has happened for everybody who sees it, and what comes after has not.
    private void WriteCounter() => Interlocked.Exchange(ref *(long*)(_address + CounterOffset), ++_counter);
}
