using Adam.Samples.DigitsTraining.Service;

namespace Adam.Client.Tests.Support;

/// <summary>A service that shares memory, as a process of its own, and a client of it.</summary>
public sealed class SharedServiceFixture : OwnServiceFixture
{
    /// <summary>Where it hands out descriptors.</summary>
    public string SocketPath => Path.Combine(Folder, "memory.sock");

    /// <summary>How many descriptors of regions the service has open.</summary>
    public int CountRegions() => Directory.EnumerateFileSystemEntries($"/proc/{Service.Addresses.ProcessId}/fd").Count(IsRegion);

    /// <summary>Waits until the service has as many regions open: it lets go of them after a call has ended on the client's side.</summary>
    public async Task WaitForRegionsAsync(int expected)
    {
        using var giveUp = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (CountRegions() != expected && !giveUp.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        Assert.Equal(expected, CountRegions());
    }

    private protected override Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync(
        arguments: ["--set", "SharedMemory:Enabled=true", "--set", $"SharedMemory:SocketPath={SocketPath}"]);

    private static bool IsRegion(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget?.StartsWith("/memfd:adam-", StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            // It was closed meanwhile.
            return false;
        }
    }
}
