using System.Diagnostics;
using Adam.Bench.LoadBench.Figures;
using Adam.Client;

namespace Adam.Bench.LoadBench;

/// <summary>One who trains as users do, by the SDK and one Train stream, and notes how long each step takes.</summary>
internal sealed class Trainer : IAsyncDisposable
{
    private readonly OptimizerSession _session;
    private readonly float[] _gradient;
    private readonly float[] _weights;

    private Trainer(OptimizerSession session, int parameters)
    {
        _session = session;
        _weights = new float[parameters];
        _gradient = new float[parameters];
        Array.Fill(_gradient, 0.5f);
    }

    /// <summary>Makes a session.</summary>
    public static async Task CreateSessionAsync(AdamClient client, string sessionId, int parameters) =>
        await client.CreateSessionAsync(new SessionSpec
        {
            SessionId = sessionId,
            Tensors = [new TensorSpec("w", [parameters])],
            InitialWeights = [new float[parameters]],
        });

    /// <summary>Opens a stream.</summary>
    public static async Task<Trainer> OpenAsync(AdamClient client, string sessionId, string workerId, int parameters) =>
        new(await client.OpenSessionAsync(new SessionRef(sessionId), new OpenOptions { WorkerId = workerId }), parameters);

    /// <summary>Makes a session and opens it.</summary>
    public static async Task<Trainer> StartAsync(AdamClient client, string sessionId, int parameters)
    {
        await CreateSessionAsync(client, sessionId, parameters);
        return await OpenAsync(client, sessionId, "trainer", parameters);
    }

    /// <summary>Takes a step.</summary>
    /// <returns>How long it took in milliseconds, from gradients to weights.</returns>
    public async Task<double> StepAsync()
    {
        var start = Stopwatch.GetTimestamp();
        var result = await _session.StepAsync([_gradient], weights: [_weights]);
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return result.Outcome == StepOutcome.Applied ? time : throw new InvalidOperationException($"A step was {result.Outcome}.");
    }

    /// <summary>Takes steps for so long.</summary>
    public async Task<Latency> StepForAsync(TimeSpan time)
    {
        var times = new List<double>();
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            times.Add(await StepAsync());
        }

        return Latency.Of(times);
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();
}
