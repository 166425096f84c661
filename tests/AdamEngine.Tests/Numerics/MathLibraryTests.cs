namespace Adam.Engine.Tests.Numerics;

public sealed class MathLibraryTests
{
    // The machines that these tests run on are the ones whose bits are promised.
    [Fact]
    public void Differences_OnThisMachine_AreNone()
    {
        Assert.Empty(MathLibrary.Differences());
    }
}
