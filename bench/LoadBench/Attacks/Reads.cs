using Adam.Service.Tests.Attacks;
using Adam.V1;

namespace Adam.Bench.LoadBench.Attacks;

/// <summary>Calls with an answer of a megabyte each.</summary>
/// <param name="windowBytes">What the service may send of each: 0 takes nothing, and waits until the service has given up or it is enough.</param>
internal sealed class Reads(uint windowBytes) : ILoad
{
    /// <summary>The session that is read.</summary>
    public const string SessionId = "read";

    /// <summary>Its parameters.</summary>
    public const int Parameters = 1 << 18;

    /// <summary>Enough for the whole answer.</summary>
    public const uint OpenWindow = 2 << 20;

    private const int Streams = 20;

    public async Task RunAsync(string url, Tally tally, CancellationToken stop)
    {
        var request = new ReadTensorsRequest { Session = new SessionRef { SessionId = SessionId }, Slots = { Slot.Weights } };
        tally.AddConnection();
        await using var connection = await RawConnection.OpenAsync(url, windowBytes);
        await connection.SendAsync(tally.Add(Frames.WindowUpdate(0, Streams * OpenWindow)));
        for (var stream = 1; stream < 2 * Streams; stream += 2)
        {
            await connection.SendAsync(tally.Add([.. Frames.Headers(stream, Paths.ReadTensors), .. Frames.Message(stream, request)]));
        }

        var ends = CheckEndsAsync(connection);
        var options = windowBytes == 0 ? ConfigureAwaitOptions.SuppressThrowing : ConfigureAwaitOptions.None;
        await ends.WaitAsync(windowBytes == 0 ? stop : CancellationToken.None).ConfigureAwait(options);
    }

    private async Task CheckEndsAsync(RawConnection connection)
    {
        for (var ended = 0; ended < Streams; ended++)
        {
            var end = await connection.ReceiveAsync(frame => frame.EndsStream || frame.Type == Frames.RstStreamType);
            if ((end.Type == Frames.RstStreamType) != (windowBytes == 0))
            {
                throw new InvalidOperationException($"Stream {end.Stream} ended with a frame of type {end.Type}.");
            }
        }
    }
}
