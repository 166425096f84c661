namespace Adam.Crash.Tests.Faults;

/// <summary>Tests that let system calls of the service fail; where that cannot be done, they are skipped and say why.</summary>
public sealed class StraceTheoryAttribute : TheoryAttribute
{
    public StraceTheoryAttribute() => Skip = Strace.WhyNot;
}
