using System.Globalization;
using Adam.Client;

namespace Adam.Crash.Tests.Workload;

/// <summary>
/// A trainer that keeps nothing of its own: wherever it begins, it asks the session where it stands and goes on from there. Its gradients depend on the
/// weights, so weights and cursor of different moments would lead elsewhere.
/// </summary>
internal static class RestartingTrainer
{
    /// <summary>The session.</summary>
    public const string SessionId = "restarted";

    private const string WorkerId = "trainer";

    private static readonly IReadOnlyList<TensorSpec> Tensors = [new("dense/kernel", [48, 20]), new("dense/bias", [20])];

    /// <summary>Makes a client that waits for a service which is not there yet.</summary>
    public static AdamClient Connect(string address) =>
        AdamClient.ForAddress(address, new AdamClientOptions { WorkerId = WorkerId, WaitForService = true, CallAttempts = 10, CallTimeout = TimeSpan.FromMinutes(1) });

    /// <summary>Trains up to a batch.</summary>
    /// <param name="address">Where the service is.</param>
    /// <param name="tier">How safe the session is, if it has to be made.</param>
    /// <param name="batches">How many batches the session has at the end.</param>
    /// <param name="report">Told of the beginning and of every step.</param>
    public static async Task RunAsync(string address, DurabilityTier tier, int batches, TextWriter report)
    {
        await using var client = Connect(address);
        await using var session = await OpenAsync(client, tier);
        var weights = Tensors.Select(static tensor => new float[tensor.ElementCount]).ToArray();
        TensorMemory[] buffers = [.. weights.Select(static tensor => (TensorMemory)tensor)];
        var read = await client.ReadTensorsAsync(session.Reference, buffers);
        var next = session.ClientCursor.IsEmpty ? 0 : BitConverter.ToInt32(session.ClientCursor.Span);
        var info = await client.GetSessionAsync(session.Reference);
        if (session.NextSequence != (ulong)next + 1 || info.Iterations != next || read.Version != session.Version || info.Version != session.Version)
        {
            throw new InvalidOperationException(
                $"The session is at version {session.Version}, batch {session.NextSequence}, iteration {info.Iterations}, the weights at {read.Version}, and the cursor at {next}.");
        }

        await report.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"begins at {next}"));
        for (; next < batches; next++)
        {
            var result = await session.StepAsync(
                [.. weights.Select((tensor, index) => (ReadOnlyTensorMemory)Gradient(tensor, next, index))],
                buffers,
                new StepOptions { ClientCursor = BitConverter.GetBytes(next + 1) });
            if (result.Sequence != (ulong)next + 1 || result.Iterations != next + 1)
            {
                throw new InvalidOperationException($"Batch {next + 1} came out as {result}.");
            }

            await report.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"step {result.Sequence}"));
        }
    }

    private static async Task<OptimizerSession> OpenAsync(AdamClient client, DurabilityTier tier)
    {
        // The process before may have left a stream behind that the service has not missed yet.
        var mine = new OpenOptions { Takeover = true };
        try
        {
            return await client.OpenSessionAsync(SessionId, mine);
        }
        catch (SessionNotFoundException)
        {
            await client.CreateSessionAsync(new SessionSpec
            {
                SessionId = SessionId,
                Tensors = Tensors,
                InitialWeights = [.. Tensors.Select(static (tensor, index) => (ReadOnlyTensorMemory)Gradient(new float[tensor.ElementCount], -1, index))],
                Optimizer = new OptimizerSettings
                {
                    Groups = [new AdamSettings { AmsGrad = true, GlobalClipNorm = 1.5, UseEma = true, EmaOverwriteFrequency = 4, WeightDecay = 0.01 }],
                    GradientAccumulationSteps = 3,
                },
                Durability = new SessionDurability { Tier = tier },
            });
            return await client.OpenSessionAsync(SessionId, mine);
        }
    }

    private static float[] Gradient(float[] weights, int batch, int tensor)
    {
        var noise = new Random(HashCode(batch, tensor));
        return [.. weights.Select(weight => (weight * 0.3f) + noise.NextSingle() - 0.5f)];
    }

    private static int HashCode(int batch, int tensor) => (batch * 7919) + tensor;
}
