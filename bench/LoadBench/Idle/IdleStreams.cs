using System.Collections.Concurrent;
using Adam.Client;

namespace Adam.Bench.LoadBench.Idle;

/// <summary>Streams that are opened and then silent, dealt out over connections and sessions.</summary>
internal sealed class IdleStreams : IAsyncDisposable
{
    private const int AtOnce = 64;

    private readonly ConcurrentBag<Trainer> _streams = [];

    /// <summary>Opens all.</summary>
    /// <param name="clients">One for each connection.</param>
    /// <param name="load">How many.</param>
    /// <param name="steps">What each does before it falls silent.</param>
    public static async Task<IdleStreams> OpenAsync(IReadOnlyList<AdamClient> clients, IdleLoad load, int steps)
    {
        var all = new IdleStreams();
        await Parallel.ForEachAsync(Enumerable.Range(0, load.Streams), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (index, _) =>
        {
            var client = clients[index % clients.Count];
            var (session, worker) = (SessionId(index % load.Sessions), $"worker-{index / load.Sessions}");
            var stream = await Trainer.OpenAsync(client, session, worker, IdleLoad.Parameters);
            all._streams.Add(stream);
            for (var step = 0; step < steps; step++)
            {
                await stream.StepAsync();
            }
        });
        return all;
    }

    /// <summary>The id of a session.</summary>
    public static string SessionId(int index) => $"session-{index}";

    public async ValueTask DisposeAsync() => await Parallel.ForEachAsync(
        _streams, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, (stream, _) => stream.DisposeAsync());
}
