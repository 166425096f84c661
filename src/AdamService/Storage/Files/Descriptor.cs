using System.Runtime.InteropServices;

namespace Adam.Service.Storage.Files;

/// <summary>An open file of the system. A call that is under way keeps it open, so that its number is never another file's.</summary>
internal sealed class Descriptor : SafeHandle
{
    private readonly IFileCalls _calls;

    /// <summary>Takes over an open file.</summary>
    /// <param name="calls">What opened it, and closes it.</param>
    /// <param name="number">Its number.</param>
    public Descriptor(IFileCalls calls, int number)
        : base(-1, ownsHandle: true)
    {
        _calls = calls;
        SetHandle(number);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle < 0;

    // What matters was synchronised before; what close says is of no use to anybody.
    protected override bool ReleaseHandle() => _calls.Close((int)handle) == 0;
}
