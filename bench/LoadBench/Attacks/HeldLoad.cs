using Adam.Service.Tests.Attacks;

namespace Adam.Bench.LoadBench.Attacks;

/// <summary>A connection that sends a beginning and is then silent, until the service ends it or it is enough.</summary>
/// <param name="preface">Bytes before all frames.</param>
/// <param name="frames">Frames of the beginning.</param>
internal sealed class HeldLoad(byte[] preface, params byte[][] frames) : ILoad
{
    public async Task RunAsync(string url, Tally tally, CancellationToken stop)
    {
        tally.AddConnection();
        await using var connection = await RawConnection.ConnectAsync(url);
        await connection.SendAsync(tally.AddBytes(preface));
        foreach (var frame in frames)
        {
            await connection.SendAsync(tally.Add(frame));
        }

        await ((Task)connection.WaitForEndAsync()).WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
