using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>
/// The weights from before a step, from which a delta is made. They lie in memory of the session, which is taken before the step: a batch is
/// never applied and then not answered for want of it.
/// </summary>
internal sealed class WeightsBefore : IDisposable
{
    private readonly ReplyPlan _plan;
    private readonly StagingTensor?[] _copies;
    private readonly long[]?[] _rows;

    private WeightsBefore(ReplyPlan plan)
    {
        _plan = plan;
        _copies = new StagingTensor?[plan.Tensors.Length];
        _rows = new long[]?[plan.Tensors.Length];
    }

    /// <summary>Copies the present weights, if the plan needs them.</summary>
    /// <param name="batch">The batch, which says what comes back, and of tensors with lazy rows which rows.</param>
    /// <param name="session">The session.</param>
    /// <param name="core">Its state; the caller runs in its queue.</param>
    /// <returns>Null if the plan is not for deltas.</returns>
    /// <exception cref="Errors.ServiceException">RESOURCE_EXHAUSTED: there is not enough memory.</exception>
    public static WeightsBefore? Take(StagedBatch batch, SessionDefinition session, SessionCore core)
    {
        var plan = batch.Reply;
        if (!plan.IsDelta)
        {
            return null;
        }

        var before = new WeightsBefore(plan);
        try
        {
            var purpose = $"A delta of {plan.Tensors.Length} tensors of session '{session.SessionId}'";
            for (var i = 0; i < plan.Tensors.Length; i++)
            {
                // A difference of float16 weights that is not asked for as float16 needs more room than they do.
                var weights = core.Optimizer.Slot(plan.Tensors[i], AdamSlot.Weights);
                var isShort = weights.DType == TensorDType.Float16 && plan.DTypeOf(weights.DType) == DType.Float16;
                var dtype = isShort ? TensorDType.Float16 : TensorDType.Float32;
                if (RowsOf(batch, session, plan.Tensors[i]) is { } rows)
                {
                    var length = session.Tensors[plan.Tensors[i]].RowLength;
                    before._rows[i] = rows;
                    before._copies[i] = ReplyRows.Rent(core.Memory, dtype, rows.Length * length, purpose);
                    ReplyRows.Gather(rows, weights, length, before._copies[i]!.View);
                }
                else
                {
                    before._copies[i] = core.Memory.Rent(dtype, weights.ElementCount, purpose);
                    TensorDifference.CopyOld(weights, before._copies[i]!.View);
                }
            }

            return before;
        }
        catch
        {
            before.Dispose();
            throw;
        }
    }

    /// <summary>Turns the copies into what the step changed, and hands them over.</summary>
    /// <param name="core">The state after the step.</param>
    /// <param name="hasChanged">Whether the step was made. Of one that was skipped there are no rows.</param>
    public ReadLease ToDelta(SessionCore core, bool hasChanged)
    {
        var parts = new List<ReadPart>();
        var own = new List<StagingTensor?>();
        for (var i = 0; i < _copies.Length; i++)
        {
            if (!_plan.Includes(core.Versions[_plan.Tensors[i], AdamSlot.Weights]) || (_rows[i] is { } none && (none.Length == 0 || !hasChanged)))
            {
                continue;
            }

            var updated = core.Optimizer.Slot(_plan.Tensors[i], AdamSlot.Weights);
            var copy = _copies[i]!.View;
            if (_rows[i] is { } rows)
            {
                var length = core.Optimizer.Variables[_plan.Tensors[i]].RowLength;
                copy = copy.Slice(0, rows.Length * length);
                for (var place = 0; place < rows.Length; place++)
                {
                    Differ(copy.Slice(place * length, length), updated.Slice(rows[place] * length, length));
                }
            }
            else
            {
                Differ(copy, updated);
            }

            parts.Add(new ReadPart(_plan.Tensors[i], Slot.Weights, copy) { Rows = _rows[i] });
            own.Add(_copies[i]);
            _copies[i] = null;
        }

        return new ReadLease([.. parts], core.Version, [.. own]);
    }

    private void Differ(TensorView copy, TensorView updated)
    {
        if (_plan.Kind == ReplyKind.DeltaXor)
        {
            TensorDifference.Xor(copy, updated);
        }
        else
        {
            TensorDifference.Subtract(copy, updated, TensorWire.ToWire(copy.DType) != _plan.DTypeOf(updated.DType));
        }
    }

    // Null where the whole tensor is copied.
    private static long[]? RowsOf(StagedBatch batch, SessionDefinition session, int tensor) =>
        session.Tensors[tensor].RowUpdates == Engine.RowUpdates.Lazy ? batch.RowsOf(tensor) : null;

    /// <summary>Gives back what was not handed over.</summary>
    public void Dispose()
    {
        for (var i = 0; i < _copies.Length; i++)
        {
            _copies[i]?.Dispose();
            _copies[i] = null;
        }
    }
}
