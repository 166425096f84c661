using Adam.Engine;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.ControlPlane;

/// <summary><c>Sessions.EstimateSession</c>: what a session would cost, and what stands in its way, without making it.</summary>
internal sealed class EstimateSessionCall(SessionRegistry sessions, SessionFactory factory, StepCalibration calibration)
{
    public async Task<EstimateSessionResponse> RunAsync(EstimateSessionRequest request)
    {
        if (request.Request is not { } asked)
        {
            throw new ServiceException(ErrorReason.InvalidField, "request: say what the session would be.", ("fields", "request"));
        }

        var definition = factory.Define(asked);
        var memory = factory.BudgetFor(definition);
        var refusal = RefusalOf(asked, definition);
        var trained = definition.TrainableIndexes.Select(index => definition.Tensors[index]).ToList();
        var stepBytes = StepTraffic.Bytes(definition.Options, definition.Tensors, TensorDType.Float32);
        var rates = await calibration.RatesAsync();
        return new EstimateSessionResponse
        {
            StateBytes = (ulong)definition.StateBytes,
            StagingBytes = Cut(trained.Aggregate(UInt128.Zero, (sum, tensor) => sum + ((UInt128)tensor.ElementCount * sizeof(float)))),
            StepSeconds = rates.Seconds((double)stepBytes, trained.Count),
            Admitted = refusal is null,
            Refusal = refusal?.Message ?? "",
            FreeBytes = (ulong)memory.FreeBytes,
            StepBytes = Cut(stepBytes),
        };
    }

    // In the order in which CreateSession comes to them.
    private ServiceException? RefusalOf(CreateSessionRequest asked, SessionDefinition definition)
    {
        if (sessions.Find(definition.SessionId) is { } existing)
        {
            ThrowIfDifferent(existing, definition, withValues: asked.InitialValues.Count > 0);
            return null;
        }

        return factory.BudgetFor(definition).RefusalOf(definition.StateBytes, SessionFactory.PurposeOf(definition))
            ?? sessions.RefusalOfOneMore(definition.SessionId);
    }

    // Whoever leaves the values out means whatever values the session has.
    private static void ThrowIfDifferent(SessionActor existing, SessionDefinition asked, bool withValues)
    {
        var (made, now) = (existing.Definition.Normalised, asked.Normalised);
        if (!withValues)
        {
            made = made.Clone();
            made.InitialValues.Clear();
        }

        RequestDifference.ThrowIfAny(made, now);
    }

    private static ulong Cut(UInt128 bytes) => (ulong)UInt128.Min(bytes, ulong.MaxValue);
}
