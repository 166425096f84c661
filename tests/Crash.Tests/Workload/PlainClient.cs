using Adam.V1;
using Google.Rpc;
using Grpc.Core;

namespace Adam.Crash.Tests.Workload;

/// <summary>A client that tries a batch once, and keeps what it was told: what is done about a refusal is the test's business.</summary>
internal sealed class PlainClient(SessionPlan plan, ChannelBase channel)
{
    private static readonly TimeSpan CallMax = TimeSpan.FromMinutes(1);

    private readonly List<BatchResult> _results = [];
    private volatile int _acknowledged;
    private long _durableVersion;

    /// <summary>What it trains.</summary>
    public SessionPlan Plan { get; } = plan;

    /// <summary>How many batches were acknowledged. May be read from anywhere.</summary>
    public int Acknowledged => _acknowledged;

    /// <summary>The highest version that was said to survive. May be read from anywhere.</summary>
    public ulong DurableVersion => (ulong)Volatile.Read(ref _durableVersion);

    /// <summary>The results, from the first batch on.</summary>
    public IReadOnlyList<BatchResult> Results => _results;

    /// <summary>Creates the session.</summary>
    public async Task CreateAsync() => await new Sessions.SessionsClient(channel).CreateSessionAsync(Plan.ToRequest(), deadline: Deadline());

    /// <summary>Sends the next batch.</summary>
    /// <returns>Why it was not acknowledged; null if it was.</returns>
    public async Task<RpcException?> StepAsync()
    {
        var sequence = (ulong)_acknowledged + 1;
        try
        {
            var answer = await new Training.TrainingClient(channel).StepAsync(Plan.ToStep(sequence), deadline: Deadline());
            Assert.Equal(sequence, answer.Result.Sequence);
            Assert.NotEqual(BatchOutcome.Duplicate, answer.Result.Outcome);
            _results.Add(answer.Result);
            Volatile.Write(ref _durableVersion, (long)Math.Max(DurableVersion, answer.Result.DurableVersion));
            _acknowledged = (int)sequence;
            return null;
        }
        catch (RpcException refused)
        {
            return refused;
        }
    }

    /// <summary>Trains while it may, and is acknowledged each time.</summary>
    public async Task RunAsync(Func<bool> goesOn)
    {
        while (goesOn())
        {
            if (await StepAsync() is { } refused)
            {
                throw refused;
            }
        }
    }

    /// <summary>The reason of a refusal: a name of <see cref="ErrorReason"/>.</summary>
    public static string ReasonOf(RpcException refused)
    {
        var details = refused.Trailers.GetValueBytes("grpc-status-details-bin");
        return details is null ? "" : Google.Rpc.Status.Parser.ParseFrom(details).Details[0].Unpack<ErrorInfo>().Reason;
    }

    /// <summary>When a call gives up.</summary>
    public static DateTime Deadline() => (TimeProvider.System.GetUtcNow() + CallMax).UtcDateTime;
}
