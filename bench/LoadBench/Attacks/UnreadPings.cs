using Adam.Service.Tests.Attacks;

namespace Adam.Bench.LoadBench.Attacks;

/// <summary>PINGs of a client that does not read the answers, until it is cut off.</summary>
internal sealed class UnreadPings : ILoad
{
    private const int TurnsMax = 20;

    private static readonly byte[] Turn = Frames.Repeat(Frames.Ping, 1000);

    public async Task RunAsync(string url, Tally tally, CancellationToken stop)
    {
        tally.AddConnection();
        await using var connection = await RawConnection.OpenAsync(url, reads: false);
        for (var turn = 0; turn < TurnsMax && await connection.SendAsync(tally.Add(Turn)); turn++)
        {
            // The next ones follow at once.
        }
    }
}
