using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Adam.Client;
using Adam.Crash.Tests.Kill;

namespace Adam.Crash.Tests.Workload;

/// <summary>A trainer that uses the SDK and leaves everything that goes wrong to it: it tries nothing twice and catches nothing.</summary>
/// <param name="plan">What it trains.</param>
/// <param name="overlap">How many steps are under way at a time.</param>
/// <param name="acknowledged">Called with every result.</param>
internal sealed class SdkTrainer(SessionPlan plan, int overlap, Action acknowledged)
{
    /// <summary>Its own results, to wait for.</summary>
    public Acknowledgements Acknowledgements { get; } = new();

    /// <summary>The session.</summary>
    public SessionPlan Plan { get; } = plan;

    /// <summary>The results in the order of the steps, each with a digest of the weights that there are after it; null if none were asked for.</summary>
    public List<(StepResult Result, string? Weights)> Results { get; } = [];

    /// <summary>How often the SDK has opened the stream again.</summary>
    public int Reconnects { get; private set; }

    /// <summary>Trains until it is told to stop, but not before a number of batches.</summary>
    /// <param name="client">The client.</param>
    /// <param name="batchesMin">The number.</param>
    /// <param name="goesOn">Whether to go on.</param>
    public async Task RunAsync(AdamClient client, ulong batchesMin, Func<bool> goesOn)
    {
        await using var session = await client.OpenSessionAsync(Plan.SessionId, new OpenOptions { WorkerId = "trainer", Digest = overlap > 1 });
        var running = new Queue<(Task<StepResult> Step, float[][]? Weights)>();

        // Lazy rows need the weights before them, which is one set of buffers for all steps. Of steps that overlap each has its own.
        var weights = Buffers(session);
        await client.ReadTensorsAsync(session.Reference, Writable(weights));
        var isLazy = session.Tensors.Any(static tensor => tensor.RowUpdates == RowUpdates.Lazy);
        for (var sequence = 1ul; sequence <= batchesMin || goesOn(); sequence++)
        {
            var own = overlap == 1 ? weights : isLazy ? null : Buffers(session);
            var step = session.StepAsync(
                Gradients(sequence),
                own is null ? null : Writable(own),
                new StepOptions { ClientCursor = Plan.ToStep(sequence).Commit.ClientCursor.ToByteArray() });
            running.Enqueue((step, own));
            if (running.Count >= overlap)
            {
                await TakeAsync(running.Dequeue());
            }
        }

        while (running.TryDequeue(out var last))
        {
            await TakeAsync(last);
        }

        Reconnects = session.Reconnects;
    }

    /// <summary>What tells weights from others.</summary>
    /// <param name="tensors">The elements of all tensors, in their order.</param>
    public static string Digest(IEnumerable<byte[]> tensors) => Convert.ToHexString(SHA256.HashData([.. tensors.SelectMany(static tensor => tensor)]));

    private static float[][] Buffers(OptimizerSession session) => [.. session.Tensors.Select(static tensor => new float[tensor.ElementCount])];

    private static TensorMemory[] Writable(float[][] buffers) => [.. buffers.Select(static tensor => (TensorMemory)tensor)];

    private async Task TakeAsync((Task<StepResult> Step, float[][]? Weights) running)
    {
        var result = await running.Step;
        Results.Add((result, running.Weights is { } weights ? Digest(weights.Select(static tensor => MemoryMarshal.AsBytes<float>(tensor).ToArray())) : null));
        Acknowledgements.Add();
        acknowledged();
    }

    private TensorGradient[] Gradients(ulong sequence) =>
    [
        .. Plan.ToStep(sequence).Gradients.Select(static gradient =>
        {
            var values = MemoryMarshal.Cast<byte, float>(gradient.Data.Span).ToArray();
            return gradient.RowIds is { } rows
                ? TensorGradient.OfRows((int)gradient.TensorIndex, rows.Ids.ToArray(), values)
                : new TensorGradient((int)gradient.TensorIndex, values);
        }),
    ];
}
