namespace Adam.Crash.Tests.Faults;

/// <summary>A test that lets system calls of the service fail; where that cannot be done, it is skipped and says why.</summary>
public sealed class StraceFactAttribute : FactAttribute
{
    public StraceFactAttribute() => Skip = Strace.WhyNot;
}
