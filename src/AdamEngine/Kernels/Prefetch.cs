using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Adam.Engine.Kernels;

/// <summary>
/// Asks for memory that a loop will reach soon. The arithmetic of a step fills the processor's window of instructions before enough
/// loads are under way to keep the memory busy; this keeps it busy (about a tenth of a step that is bound by memory).
/// </summary>
internal static unsafe class Prefetch
{
    // Measured from 512 to 4096: below, memory is not busy enough; above, nothing is gained.
    private const int BytesAhead = 2048;

    /// <summary>Asks for the cache line that lies ahead of an address. It may lie beyond the array: nothing is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ahead(byte* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address + BytesAhead);
        }
    }
}
