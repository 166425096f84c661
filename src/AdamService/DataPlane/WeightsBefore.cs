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

    private WeightsBefore(ReplyPlan plan)
    {
        _plan = plan;
        _copies = new StagingTensor?[plan.Tensors.Length];
    }

    /// <summary>Copies the present weights, if the plan needs them.</summary>
    /// <param name="plan">What comes back.</param>
    /// <param name="session">The session.</param>
    /// <param name="core">Its state; the caller runs in its queue.</param>
    /// <returns>Null if the plan is not for deltas.</returns>
    /// <exception cref="Errors.ServiceException">RESOURCE_EXHAUSTED: there is not enough memory.</exception>
    public static WeightsBefore? Take(ReplyPlan plan, SessionDefinition session, SessionCore core)
    {
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
                var copy = core.Memory.Rent(isShort ? TensorDType.Float16 : TensorDType.Float32, weights.ElementCount, purpose);
                before._copies[i] = copy;
                TensorDifference.CopyOld(weights, copy.View);
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
    public ReadLease ToDelta(SessionCore core)
    {
        var parts = new List<ReadPart>();
        var own = new List<StagingTensor?>();
        for (var i = 0; i < _copies.Length; i++)
        {
            if (!_plan.Includes(core.Versions[_plan.Tensors[i], AdamSlot.Weights]))
            {
                continue;
            }

            var (copy, updated) = (_copies[i]!.View, core.Optimizer.Slot(_plan.Tensors[i], AdamSlot.Weights));
            if (_plan.Kind == ReplyKind.DeltaXor)
            {
                TensorDifference.Xor(copy, updated);
            }
            else
            {
                TensorDifference.Subtract(copy, updated, TensorWire.ToWire(copy.DType) != _plan.DTypeOf(updated.DType));
            }

            parts.Add(new ReadPart(_plan.Tensors[i], Slot.Weights, copy));
            own.Add(_copies[i]);
            _copies[i] = null;
        }

        return new ReadLease([.. parts], core.Version, [.. own]);
    }

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
