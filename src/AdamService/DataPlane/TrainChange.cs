using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>A batch of a Train stream as a change of its session: what is wrong with it is its result, and the stream goes on.</summary>
/// <param name="session">The session.</param>
/// <param name="lease">The stream's hold on its worker.</param>
/// <param name="sequence">The worker's number of the batch.</param>
/// <param name="staged">The batch; null if it was refused while it came.</param>
/// <param name="refusal">Why, then.</param>
/// <param name="logger">Where refusals are logged.</param>
internal sealed class TrainChange(
    SessionActor session, WorkerLease lease, ulong sequence, StagedBatch? staged, ServiceException? refusal, ILogger logger) : SessionChange<BatchAnswer>
{
    private readonly BatchChange? _batch = staged is null ? null : new BatchChange(session, staged, _ => lease.Worker);

    /// <inheritdoc/>
    public override void Prepare(SessionCore core)
    {
        WorkerTable.CheckEpoch(lease.Worker, lease.Epoch);
        (_batch ?? throw refusal!).Prepare(core);
    }

    /// <inheritdoc/>
    public override LoggedChange? ToLog(SessionCore core) => _batch!.ToLog(core);

    /// <inheritdoc/>
    public override BatchAnswer Make(SessionCore core) => _batch!.Make(core);

    /// <inheritdoc/>
    public override BatchAnswer Refuse(SessionCore core, ServiceException refusal)
    {
        if (refusal.Reason == ErrorReason.WorkerFenced)
        {
            throw refusal;
        }

        SessionsLog.BatchRefused(logger, session.Definition.SessionId, lease.Worker.Id, sequence, WireStatus.NameOf(refusal.Reason));
        return BatchAnswer.Of(BatchStep.Refused(session, sequence, core.Version, refusal));
    }

    /// <inheritdoc/>
    public override void GiveBack() => _batch?.GiveBack();
}
