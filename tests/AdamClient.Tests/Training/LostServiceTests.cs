using System.Diagnostics;
using Adam.Client.Tests.Support;
using Adam.Samples.DigitsTraining.Service;

namespace Adam.Client.Tests.Training;

/// <summary>What a trainer that does not want to reconnect sees when the service goes away. Each test has a service of its own.</summary>
public sealed class LostServiceTests
{
    [Fact]
    public async Task StepAsync_ServiceKilled_IsTransientAndClosesTheSession()
    {
        await using var service = await ServiceProcess.StartAsync();
        await using var client = AdamClient.ForAddress(service.Addresses.Grpc);
        await using var session = await OpenAsync(client);
        using var process = Process.GetProcessById(service.Addresses.ProcessId);
        process.Kill();
        await process.WaitForExitAsync();

        var exception = await Assert.ThrowsAsync<AdamException>(() => session.StepAsync(Gradients()));

        Assert.True(exception.IsTransient, exception.ToString());
        Assert.False(session.IsOpen);
    }

    [Fact]
    public async Task StepAsync_ServiceStopped_SaysSo()
    {
        await using var service = await ServiceProcess.StartAsync();
        await using var client = AdamClient.ForAddress(service.Addresses.Grpc);
        await using var session = await OpenAsync(client);
        await session.StepAsync(Gradients());

        var exitCode = await service.StopAsync();
        var exception = await Assert.ThrowsAsync<AdamException>(() => session.StepAsync(Gradients()));

        Assert.Equal(0, exitCode);
        Assert.True(exception.IsTransient, exception.ToString());
        Assert.Equal(AdamErrorReason.ShuttingDown, exception.Reason);
        Assert.Equal(2UL, session.NextSequence);
    }

    private static async Task<OptimizerSession> OpenAsync(AdamClient client)
    {
        var created = await client.CreateSessionAsync(SmallModel.Spec());
        return await client.OpenSessionAsync(created.Reference, new OpenOptions { ReconnectTimeout = TimeSpan.Zero });
    }

    private static IReadOnlyList<ReadOnlyTensorMemory> Gradients() => SmallModel.ReadOnly(SmallModel.Gradients(1));
}
