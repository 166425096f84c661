using System.Globalization;
using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Storage.V1;
using Adam.V1;
using ErrorReason = Adam.V1.ErrorReason;

namespace Adam.Service.Recovery;

/// <summary>Which states of a session are there, beside its present one.</summary>
/// <param name="Single">Iterations of snapshots behind which the log has been let go, in order.</param>
/// <param name="From">From these on all iterations that the session went through are there; null if only the present one is.</param>
/// <param name="Present">Those of the present state.</param>
internal sealed record RetainedStates(IReadOnlyList<long> Single, long? From, long Present)
{
    /// <summary>Finds out.</summary>
    /// <param name="session">The session.</param>
    /// <param name="snapshots">Its snapshots.</param>
    /// <param name="oldestLsn">The oldest record that the log may have.</param>
    /// <param name="beginning">Asked for the iterations with which the log creates the session, null if it does not any more; waits for the disk.</param>
    public static async Task<RetainedStates> OfAsync(
        SessionActor session, IReadOnlyList<SnapshotEntry> snapshots, ulong oldestLsn, Func<long?> beginning)
    {
        var present = await session.RunAsync(static core => core.Optimizer.Groups[0].Iterations, CancellationToken.None);
        var isLogged = session.Definition.Tier == DurabilityTier.Log;
        if (isLogged && await Background.RunAsync(beginning) is { } first)
        {
            return new RetainedStates([], first, present);
        }

        var whole = snapshots.Where(entry => isLogged && IsLogWhole(entry, oldestLsn)).Select(static entry => (long?)entry.Iterations).Min();
        return new RetainedStates(
            [.. snapshots.Where(entry => !isLogged || !IsLogWhole(entry, oldestLsn)).Select(static entry => entry.Iterations).Distinct().Order()], whole, present);
    }

    /// <summary>Whether nothing of the log is missing behind a snapshot.</summary>
    public static bool IsLogWhole(SnapshotEntry entry, ulong oldestLsn) => oldestLsn <= entry.LogSequence + 1;

    /// <summary>The refusal of a state that is not there.</summary>
    public ServiceException Refusal(SessionActor session, long iterations)
    {
        List<string> ranges = [.. Single.Select(Text), From is { } from ? $"{Text(from)}-{Text(Present)}" : Text(Present)];
        var behind = From is null ? "" : ", of the range as far as the session went through them";
        return new ServiceException(
            ErrorReason.IterationNotRetained,
            $"at_iterations: the state of session '{session.Definition.SessionId}' at iteration {iterations} is not there. Retained are {string.Join(", ", ranges)}{behind}. "
            + "Leave at_iterations out to fork from the present state.",
            ("first", Text(Single.Append(From ?? Present).Min())),
            ("retained", string.Join(',', ranges)));
    }

    private static string Text(long iterations) => iterations.ToString(CultureInfo.InvariantCulture);
}
