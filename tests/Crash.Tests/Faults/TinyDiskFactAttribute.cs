namespace Adam.Crash.Tests.Faults;

/// <summary>A test that needs a disk that it can fill; where there can be none, it is skipped and says why.</summary>
public sealed class TinyDiskFactAttribute : FactAttribute
{
    public TinyDiskFactAttribute() => Skip = TinyDisk.WhyNot;
}
