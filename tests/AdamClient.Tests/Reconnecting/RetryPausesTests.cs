using Adam.Client.Internal;

namespace Adam.Client.Tests.Reconnecting;

public sealed class RetryPausesTests
{
    [Fact]
    public void Before_NoFailure_IsNothing() => Assert.Equal(TimeSpan.Zero, RetryPauses.Before(0, 1));

    [Theory]
    [InlineData(1, 0, 0.05)]
    [InlineData(1, 1, 0.1)]
    [InlineData(2, 1, 0.2)]
    [InlineData(6, 1, 3.2)]
    [InlineData(7, 1, 5)]
    [InlineData(7, 0, 2.5)]
    [InlineData(int.MaxValue, 1, 5)]
    public void Before_Failures_DoublesAndIsHalfRandom(int failures, double random, double seconds) =>
        Assert.Equal(seconds, RetryPauses.Before(failures, random).TotalSeconds, 9);
}
