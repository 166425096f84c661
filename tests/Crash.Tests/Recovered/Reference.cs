using Adam.Crash.Tests.Workload;
using Adam.V1;

namespace Adam.Crash.Tests.Recovered;

/// <summary>What a session is after each number of batches, in a service that nothing happens to and that keeps nothing on disk.</summary>
internal sealed class Reference
{
    private readonly Dictionary<int, SessionPicture> _pictures = [];

    private Reference(string sessionId) => SessionId = sessionId;

    /// <summary>The session.</summary>
    public string SessionId { get; }

    /// <summary>The results of its batches, from the first on.</summary>
    public IReadOnlyList<BatchResult> Results => _results;

    private readonly List<BatchResult> _results = [];

    /// <summary>The session after so many batches.</summary>
    public SessionPicture After(int batches) =>
        _pictures.TryGetValue(batches, out var picture) ? picture : throw new ArgumentException($"'{SessionId}' was not looked at after {batches} batches.");

    /// <summary>Trains a session and looks at it.</summary>
    /// <param name="plan">The session.</param>
    /// <param name="after">After which numbers of batches it is looked at; 0 is before the first.</param>
    public static async Task<Reference> RunAsync(SessionPlan plan, IEnumerable<int> after)
    {
        var reference = new Reference(plan.SessionId);
        await using var service = await LocalService.StartAsync("");
        await new Sessions.SessionsClient(service.Channel).CreateSessionAsync(plan.ToRequest(DurabilityTier.Memory));
        var training = new Training.TrainingClient(service.Channel);
        var batches = 0;
        foreach (var target in after.Distinct().Order())
        {
            for (; batches < target; batches++)
            {
                reference._results.Add((await training.StepAsync(plan.ToStep((ulong)batches + 1))).Result);
            }

            reference._pictures[target] = (await service.PictureAsync(plan.SessionId))!;
        }

        return reference;
    }
}
