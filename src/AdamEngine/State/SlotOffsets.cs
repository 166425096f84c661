using Adam.Engine.Memory;

namespace Adam.Engine.State;

/// <summary>
/// Where arrays lie: slot by slot, so that those that a step walks side by side lie far apart, each on a cache line, and the slots staggered.
/// </summary>
/// <remarks>
/// A processor compares the lower twelve bits of addresses to tell whether a load needs an earlier store. Arrays of as many elements that begin
/// at the same place of a page would make every load look like that: in the caches a step was 16 % slower.
/// </remarks>
internal struct SlotOffsets
{
    private const long PageBytes = 4096;

    // Five cache lines: the distance between slots is then never near a multiple of a page, whichever two are compared.
    private const long StaggerBytes = 5 * NativeAllocation.Alignment;

    // Below this the gaps would count, and the step is over too soon for the rest.
    private const long StaggeredBytesMin = 64 * 1024;

    private long _slots;

    /// <summary>Where the next array begins; at the end, what all take.</summary>
    public long Next { get; private set; }

    /// <summary>Bytes of all arrays of a slot.</summary>
    public static long SlotBytes(OptimizerOptions options, IReadOnlyList<VariableSpec> variables, AdamSlot slot)
    {
        long bytes = 0;
        foreach (VariableSpec variable in variables)
        {
            bytes = checked(bytes + (SlotLayout.Contains(options, variable, slot) ? ArrayBytes(variable, slot) : 0));
        }

        return bytes;
    }

    /// <summary>Bytes of an array and what lies behind it up to the next cache line.</summary>
    public static long ArrayBytes(VariableSpec variable, AdamSlot slot)
    {
        long bytes = checked(SlotLayout.ElementCount(variable, slot) * SlotLayout.DType(variable, slot).ElementBytes());
        return checked(bytes + NativeAllocation.Alignment - 1) / NativeAllocation.Alignment * NativeAllocation.Alignment;
    }

    /// <summary>Begins a slot.</summary>
    /// <param name="bytes">What its arrays take.</param>
    public void Begin(long bytes)
    {
        if (bytes >= StaggeredBytesMin)
        {
            _slots++;
            long place = _slots * StaggerBytes % PageBytes;
            Next = checked(Next + ((place - Next) % PageBytes + PageBytes) % PageBytes);
        }
    }

    /// <summary>Goes on behind an array.</summary>
    /// <param name="bytes">What it takes.</param>
    public void Add(long bytes) => Next = checked(Next + bytes);
}
