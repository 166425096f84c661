using Adam.Service.Tests.Attacks;

namespace Adam.Bench.LoadBench.Attacks;

/// <summary>A flood, until the service ends the connection.</summary>
internal sealed class FloodLoad(Flood flood) : ILoad
{
    public async Task RunAsync(string url, Tally tally, CancellationToken stop)
    {
        tally.AddConnection();
        await using var connection = await RawConnection.OpenAsync(url);
        await connection.SendAsync(tally.Add(flood.First ?? []));
        await connection.FloodAsync(sent => tally.Add(flood.Turn(sent)), flood.PerTurn, flood.Max, flood.Paced);
        var end = await connection.WaitForEndAsync();
        if (end != flood.Expected)
        {
            throw new InvalidOperationException($"{flood.Name} ended with {end}, not {flood.Expected}.");
        }
    }
}
