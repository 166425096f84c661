namespace Adam.Crash.Tests.Power;

/// <summary>A test that needs file systems of its own; where there can be none, it is skipped and says why.</summary>
public sealed class ReflinkDiskFactAttribute : FactAttribute
{
    public ReflinkDiskFactAttribute() => Skip = ReflinkDisk.WhyNot;
}
