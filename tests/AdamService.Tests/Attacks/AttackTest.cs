using System.Diagnostics;
using Adam.Service.Connections;
using Adam.Service.Tests.Support;
using Xunit.Abstractions;

namespace Adam.Service.Tests.Attacks;

/// <summary>What all attacks have in common: a neighbour does not notice them, memory stays where it is, and nothing is left afterwards.</summary>
[Collection(OneByOne.Name)]
public abstract class AttackTest(ITestOutputHelper output)
{
    private const long GrowthBytesMax = 64 << 20;

    /// <summary>Runs an attack on a service.</summary>
    /// <param name="attack">Returns what is worth to be known of it.</param>
    /// <param name="settings">Settings of the service.</param>
    protected async Task UnderAttackAsync(Func<TestService, Task<string>> attack, params (string Name, string Value)[] settings)
    {
        ArgumentNullException.ThrowIfNull(attack);
        await using var service = await TestService.StartAsync(settings);
        var connections = service.Get<GuardedConnections>();
        using var neighbour = await Neighbour.StartAsync(service);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var start = Stopwatch.GetTimestamp();

        var figures = await attack(service);

        var time = Stopwatch.GetElapsedTime(start);
        var growth = GC.GetTotalMemory(forceFullCollection: true) - before;
        var calls = await neighbour.StopAsync();
        output.WriteLine($"{figures}; {time.TotalMilliseconds:F0} ms, {growth / 1024} KiB, {calls} calls of the neighbour");
        Assert.InRange(growth, long.MinValue, GrowthBytesMax);

        service.Channel.Dispose();
        await Eventually.EqualAsync((0, 0, 0L), () => (connections.Count, connections.CallCount, connections.Unsent.Held));
    }

    /// <summary>Sends frames until the service ends the connection, which it must do as expected.</summary>
    internal Task FloodAsync(Flood flood) => UnderAttackAsync(async service =>
    {
        await using var connection = await RawConnection.OpenAsync(service.GrpcUrl);
        await connection.SendAsync(flood.First ?? []);
        var sent = await connection.FloodAsync(flood.Turn, flood.PerTurn, flood.Max, flood.Paced);
        var end = await connection.WaitForEndAsync();
        Assert.Equal(flood.Expected, end);
        return $"{end} after {sent} frames";
    });
}
