using Adam.Samples.DigitsTraining.Service;

namespace Adam.EndToEnd.Tests.Digits;

public sealed class ServiceProcessTests
{
    [Fact]
    public async Task StopAsync_RunningService_ExitsOrderly()
    {
        await using var service = await ServiceProcess.StartAsync();

        var exitCode = await service.StopAsync();

        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task StartAsync_ServiceThatRefusesItsSettings_ShowsWhatItSaid()
    {
        var exception = await Assert.ThrowsAsync<ServiceStartException>(
            () => ServiceProcess.StartAsync(arguments: ["--set", "Limits:SessionsMax=0"]));

        Assert.Contains("SessionsMax", exception.Message, StringComparison.Ordinal);
    }
}
