using Adam.Engine;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>
/// Memory for the rows that a reply of weights or averages will carry of tensors with lazy rows. It is taken before the step, as that of
/// <see cref="WeightsBefore"/> is.
/// </summary>
internal sealed class RowsAfter : IDisposable
{
    private readonly ReplyPlan _plan;
    private readonly StagingTensor?[] _memory;
    private readonly long[]?[] _rows;

    private RowsAfter(ReplyPlan plan)
    {
        _plan = plan;
        _memory = new StagingTensor?[plan.Tensors.Length];
        _rows = new long[]?[plan.Tensors.Length];
    }

    /// <summary>Takes the memory, if the plan needs any.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="session">The session.</param>
    /// <param name="core">Its state; the caller runs in its queue.</param>
    /// <returns>Null if there is no tensor with lazy rows in the reply, or the plan is for deltas.</returns>
    /// <exception cref="Errors.ServiceException">RESOURCE_EXHAUSTED: there is not enough memory.</exception>
    public static RowsAfter? Take(StagedBatch batch, SessionDefinition session, SessionCore core)
    {
        var plan = batch.Reply;
        if (!session.HasLazyRows || plan.Kind == ReplyKind.None || plan.IsDelta)
        {
            return null;
        }

        var after = new RowsAfter(plan);
        try
        {
            for (var i = 0; i < plan.Tensors.Length; i++)
            {
                var tensor = session.Tensors[plan.Tensors[i]];
                if (tensor.RowUpdates == Engine.RowUpdates.Lazy && batch.RowsOf(plan.Tensors[i]) is { } rows)
                {
                    after._rows[i] = rows;
                    after._memory[i] = ReplyRows.Rent(
                        core.Memory, tensor.DType, rows.Length * tensor.RowLength, $"A reply of {rows.Length} rows of tensor '{tensor.Path}'");
                }
            }

            return after;
        }
        catch
        {
            after.Dispose();
            throw;
        }
    }

    /// <summary>Copies the rows, lends everything else, and hands both over.</summary>
    /// <param name="session">The session.</param>
    /// <param name="core">The state after the step.</param>
    /// <param name="hasChanged">Whether the step was made. Of one that was skipped there are no rows.</param>
    public ReadLease Lend(SessionDefinition session, SessionCore core, bool hasChanged)
    {
        var slot = _plan.Kind == ReplyKind.Average ? Slot.Average : Slot.Weights;
        var engineSlot = SlotMapping.ToEngine(slot);
        var parts = new List<ReadPart>();
        var own = new List<StagingTensor?>();
        for (var i = 0; i < _rows.Length; i++)
        {
            var index = _plan.Tensors[i];
            if (!_plan.Includes(core.Versions[index, engineSlot]) || (_rows[i] is { } none && (none.Length == 0 || !hasChanged)))
            {
                continue;
            }

            var values = core.Optimizer.Slot(index, engineSlot);
            if (_rows[i] is { } rows)
            {
                var length = session.Tensors[index].RowLength;
                values = _memory[i]!.View.Slice(0, rows.Length * length);
                ReplyRows.Gather(rows, core.Optimizer.Slot(index, engineSlot), length, values);
            }

            parts.Add(new ReadPart(index, slot, values) { Rows = _rows[i] });
            own.Add(_memory[i]);
            _memory[i] = null;
        }

        // Who reads nothing of the session's holds nobody up.
        return own.TrueForAll(memory => memory is not null)
            ? new ReadLease([.. parts], core.Version, [.. own])
            : core.Lend([.. parts], [.. own]);
    }

    /// <summary>Gives back what was not handed over.</summary>
    public void Dispose()
    {
        for (var i = 0; i < _memory.Length; i++)
        {
            _memory[i]?.Dispose();
            _memory[i] = null;
        }
    }
}
