using Adam.Service.Tests.Attacks;

namespace Adam.Bench.LoadBench.Attacks;

/// <summary>Calls whose messages come byte by byte, until the service has ended all of them or it is enough.</summary>
internal sealed class SlowBodies : ILoad
{
    private const int Streams = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public async Task RunAsync(string url, Tally tally, CancellationToken stop)
    {
        tally.AddConnection();
        await using var connection = await RawConnection.OpenAsync(url);
        int[] streams = [.. Enumerable.Range(0, Streams).Select(index => 1 + (2 * index))];

        // Each is to be a message of a megabyte.
        await connection.SendAsync(tally.Add(
            [.. streams.SelectMany(stream => (byte[])[.. Frames.Headers(stream, Paths.Train), .. Frames.Of(Frames.Data, 0, stream, [0, 0, 16, 0, 0])])]));
        byte[] drop = [.. streams.SelectMany(stream => Frames.Of(Frames.Data, 0, stream, [0]))];
        var ended = CountEndsAsync(connection);
        using var pace = new PeriodicTimer(Pause);
        while (!ended.IsCompleted && !stop.IsCancellationRequested && await connection.SendAsync(tally.Add(drop)))
        {
            await pace.WaitForNextTickAsync(CancellationToken.None);
        }

        await ended.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task CountEndsAsync(RawConnection connection)
    {
        for (var ended = 0; ended < Streams; ended++)
        {
            await connection.ReceiveAsync(frame => frame.EndsStream);
        }
    }
}
