using Adam.Service.Tests.Attacks;
using Adam.V1;
using Grpc.Core;

namespace Adam.Bench.LoadBench.Attacks;

/// <summary>Single calls on one connection.</summary>
/// <param name="count">How many.</param>
/// <param name="call">The frames of a call, for its stream.</param>
/// <param name="expected">The status that each has to end with; null where they are not the same.</param>
internal sealed class Calls(int count, Func<int, byte[]> call, StatusCode? expected) : ILoad
{
    // Fewer than a connection may have.
    private const int AtOnce = 50;

    // More than all answers together.
    private const uint ConnectionWindow = 1 << 30;

    /// <summary>Calls that are well-formed.</summary>
    public static Calls Benign(int count) => new(
        count, stream => [.. Frames.Headers(stream, Paths.ListSessions), .. Frames.Message(stream, new ListSessionsRequest { PageSize = 1 })], StatusCode.OK);

    public async Task RunAsync(string url, Tally tally, CancellationToken stop)
    {
        tally.AddConnection();
        await using var connection = await RawConnection.OpenAsync(url);
        await connection.SendAsync(tally.Add(Frames.WindowUpdate(0, ConnectionWindow)));
        for (var done = 0; done < count; done += AtOnce)
        {
            var turn = Math.Min(AtOnce, count - done);
            await connection.SendAsync(tally.Add([.. Enumerable.Range(done, turn).SelectMany(index => call(1 + (2 * index)))]));
            for (var ended = 0; ended < turn; ended++)
            {
                var end = await connection.ReceiveAsync(frame => frame.EndsStream);
                if (expected is { } status && end.GrpcStatus != (int)status)
                {
                    throw new InvalidOperationException($"A call ended with status {end.GrpcStatus}, not {status}.");
                }
            }
        }
    }
}
