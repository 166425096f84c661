using Adam.Service.ControlPlane;

namespace Adam.Service.Tests.ControlPlane;

public sealed class StepRatesTests
{
    private static readonly StepRates Rates = new([(100, 1), (200, 2), (1000, 20)], 0.5);

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(100, 1, 1)]
    [InlineData(150, 1, 1.5)]
    [InlineData(200, 1, 2)]
    [InlineData(600, 1, 11)]
    [InlineData(1000, 1, 20)]
    [InlineData(5000, 1, 100)]
    [InlineData(150, 3, 2.5)]
    [InlineData(0, 0, 0)]
    public void Seconds_BetweenAndBeyondWhatWasMeasured(double bytes, int tensors, double seconds) =>
        Assert.Equal(seconds, Rates.Seconds(bytes, tensors), 12);
}
