using Adam.Crash.Tests.Service;
using Adam.V1;

namespace Adam.Crash.Tests.Workload;

/// <summary>The same batches in a service that nothing happens to, and that keeps nothing on disk.</summary>
internal static class Uninterrupted
{
    /// <summary>Trains a session from its beginning.</summary>
    public static async Task<(SessionContent Content, IReadOnlyList<BatchResult> Results)> RunAsync(SessionPlan plan, int batches)
    {
        await using var service = await MortalService.StartAsync("");
        await new Sessions.SessionsClient(service.Channel).CreateSessionAsync(plan.ToRequest(DurabilityTier.Memory));
        var training = new Training.TrainingClient(service.Channel);
        var results = new List<BatchResult>();
        for (var sequence = 1; sequence <= batches; sequence++)
        {
            results.Add((await training.StepAsync(plan.ToStep((ulong)sequence))).Result);
        }

        return (await SessionContent.ReadAsync(service.Channel, plan.SessionId), results);
    }
}
