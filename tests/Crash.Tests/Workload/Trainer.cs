using Adam.Crash.Tests.Service;
using Adam.V1;
using Grpc.Core;

namespace Adam.Crash.Tests.Workload;

/// <summary>A client that sends its batches in order, each until it is answered, and keeps what it was told.</summary>
/// <param name="plan">What it trains.</param>
/// <param name="seat">Where the service is.</param>
/// <param name="acknowledged">Called with every answer.</param>
internal sealed class Trainer(SessionPlan plan, ServiceSeat seat, Action acknowledged)
{
    private static readonly TimeSpan CallMax = TimeSpan.FromMinutes(1);

    private ulong _generation = 1;

    /// <summary>The session.</summary>
    public SessionPlan Plan { get; } = plan;

    /// <summary>The last answer of each batch, by its number.</summary>
    public SortedDictionary<ulong, BatchResult> Results { get; } = [];

    /// <summary>How often the session came back with less than was acknowledged.</summary>
    public int Rollbacks { get; private set; }

    /// <summary>The highest version that was said to survive.</summary>
    public ulong DurableVersion { get; private set; }

    /// <summary>Creates the session.</summary>
    public Task CreateAsync() => CallAsync(channel => new Sessions.SessionsClient(channel)
        .CreateSessionAsync(Plan.ToRequest(), deadline: Deadline()).ResponseAsync);

    /// <summary>Trains until it is told to stop, but not before a number of batches.</summary>
    /// <param name="batchesMin">The number.</param>
    /// <param name="goesOn">Whether to go on.</param>
    public async Task RunAsync(ulong batchesMin, Func<bool> goesOn)
    {
        for (var sequence = 1ul; sequence <= batchesMin || goesOn(); sequence++)
        {
            var request = Plan.ToStep(sequence);
            var expected = sequence;
            var answer = await CallAsync(async channel =>
            {
                await LookAgainAsync(channel);
                return await StepAsync(channel, request);
            });
            if (answer is null)
            {
                // The session came back from before this batch.
                sequence = Results.Count == 0 ? 0 : Results.Keys.Last();
                continue;
            }

            var result = answer.Result;
            Assert.Equal(expected, result.Sequence);
            DurableVersion = Math.Max(DurableVersion, result.DurableVersion);
            Results[sequence] = result;
            acknowledged();
        }
    }

    // Null: a batch before this one is missing.
    private static async Task<StepResponse?> StepAsync(ChannelBase channel, StepRequest request)
    {
        try
        {
            return await new Training.TrainingClient(channel).StepAsync(request, deadline: Deadline());
        }
        catch (RpcException gap) when (gap.StatusCode == StatusCode.OutOfRange)
        {
            return null;
        }
    }

    // What a client does that comes back: it asks where the session stands, and forgets what is gone.
    private async Task LookAgainAsync(ChannelBase channel)
    {
        if (Plan.Tier == DurabilityTier.Log)
        {
            return;
        }

        // Idempotent: where nothing of it had survived, as was said, it begins again.
        var answer = await new Sessions.SessionsClient(channel).CreateSessionAsync(Plan.ToRequest(), deadline: Deadline());
        var session = answer.Session;
        if (answer.Created)
        {
            _generation = 0;
        }

        var next = session.Workers.FirstOrDefault(static worker => worker.WorkerId == "trainer")?.NextSequence ?? 1;
        Assert.True(session.Version >= DurableVersion, $"'{Plan.SessionId}' came back at version {session.Version}, though {DurableVersion} was durable.");
        var lost = Results.Keys.Where(sequence => sequence >= next).ToList();
        if (lost.Count > 0)
        {
            Assert.True(session.Generation > _generation, $"'{Plan.SessionId}' lost batch {lost[0]} within generation {_generation}.");
            lost.ForEach(sequence => Results.Remove(sequence));
            Rollbacks++;
        }

        _generation = session.Generation;
    }

    private async Task<T> CallAsync<T>(Func<ChannelBase, Task<T>> call)
    {
        while (true)
        {
            var channel = await seat.ChannelAsync();
            try
            {
                return await call(channel);
            }
            catch (RpcException broken) when (broken.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled or StatusCode.Unknown)
            {
                // Killed: the next service, or this one once more.
                await Task.Yield();
            }
        }
    }

    private static DateTime Deadline() => (TimeProvider.System.GetUtcNow() + CallMax).UtcDateTime;
}
