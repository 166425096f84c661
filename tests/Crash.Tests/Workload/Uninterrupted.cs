using Adam.Crash.Tests.Service;
using Adam.V1;

namespace Adam.Crash.Tests.Workload;

/// <summary>The same batches in a service that nothing happens to, and that keeps nothing on disk.</summary>
internal static class Uninterrupted
{
    /// <summary>Trains a session from its beginning.</summary>
    /// <param name="plan">The session.</param>
    /// <param name="batches">How many batches.</param>
    /// <param name="weights">Told of the version of the weights after each batch, and of what the batch has changed of them; null if nobody wants to know.</param>
    public static async Task<(SessionContent Content, IReadOnlyList<BatchResult> Results)> RunAsync(
        SessionPlan plan, int batches, Action<ulong, IEnumerable<TensorData>>? weights = null)
    {
        await using var service = await MortalService.StartAsync("");
        await new Sessions.SessionsClient(service.Channel).CreateSessionAsync(plan.ToRequest(DurabilityTier.Memory));
        var training = new Training.TrainingClient(service.Channel);
        var results = new List<BatchResult>();
        for (var sequence = 1; sequence <= batches; sequence++)
        {
            var request = plan.ToStep((ulong)sequence);
            request.Begin.Reply.Kind = weights is null ? ReplyKind.None : ReplyKind.Weights;
            var answer = await training.StepAsync(request);
            results.Add(answer.Result);
            weights?.Invoke(answer.ReplyVersion, answer.Reply);
        }

        return (await SessionContent.ReadAsync(service.Channel, plan.SessionId), results);
    }
}
