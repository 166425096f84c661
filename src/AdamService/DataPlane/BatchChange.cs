using System.Collections.Immutable;
using Adam.Engine;
using Adam.Service.Sessions;
using Adam.Storage.V1;

namespace Adam.Service.DataPlane;

/// <summary>One committed batch as a change of its session.</summary>
/// <param name="session">The session.</param>
/// <param name="batch">The batch. Its gradient buffers are scratch once it is made.</param>
/// <param name="findWorker">Whose batch it is; may refuse.</param>
internal sealed class BatchChange(SessionActor session, StagedBatch batch, Func<SessionCore, Worker> findWorker) : SessionChange<BatchAnswer>
{
    private readonly BatchStep _step = new(session, batch);
    private ImmutableArray<GroupScalars>? _logged;

    /// <summary>See <see cref="BatchStep.ResultChecksum"/>. Known after <see cref="Make"/>.</summary>
    public uint ResultChecksum => _step.ResultChecksum;

    /// <inheritdoc/>
    public override void Prepare(SessionCore core) => _step.Prepare(core, findWorker(core));

    /// <inheritdoc/>
    public override LoggedChange? ToLog(SessionCore core)
    {
        if (!_step.IsStep)
        {
            return null;
        }

        _logged = BatchStep.Scalars(session, core, batch);
        return BatchRecord.Of(_step.Worker, batch, _logged.Value);
    }

    /// <inheritdoc/>
    public override BatchAnswer Make(SessionCore core)
    {
        var answer = _step.Decide(core, _logged is { } logged ? logged.AsMemory() : batch.Scalars);
        if (_logged is not null)
        {
            core.Log?.Note(core, new BatchDecision { LogSequence = core.LogSequence, ResultCrc32C = ResultChecksum });
        }

        return answer;
    }

    /// <inheritdoc/>
    public override void GiveBack() => _step.GiveBack();
}
