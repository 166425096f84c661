using Adam.Engine;
using Adam.Service.Configuration;
using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using Stored = Adam.Storage.V1;

namespace Adam.Service.ControlPlane;

/// <summary><c>Sessions.ForkSession</c>: a session out of another's state, the present one or an earlier one that is retained.</summary>
internal sealed class ForkSessionCall(
    SessionRegistry sessions,
    ISessionMaker maker,
    IPastStates past,
    MemoryBudget budget,
    StepThreads threads,
    IdleExpiry expiry,
    IOptions<DurabilityOptions> durability,
    TimeProvider time,
    ILogger<ForkSessionCall> logger)
{
    public async Task<ForkSessionResponse> RunAsync(ForkSessionRequest request, CancellationToken cancellationToken)
    {
        // 1 What can be refused before anything is made.
        var parent = sessions.Get(request.Session);
        parent.Touch();
        Check(request);
        var asked = DurabilityReader.Read(
            request.Durability ?? (durability.Value.Directory.Length > 0 ? parent.Definition.Normalised.Durability : null),
            parent.Definition.Tensors,
            durability.Value);
        var id = request.NewSessionId.Length > 0 ? request.NewSessionId : Guid.NewGuid().ToString("N");
        if (sessions.Find(id) is not null)
        {
            throw Exists(id);
        }

        // 2 The child, which nobody finds yet.
        var child = await IsPresentAsync(parent, request, cancellationToken)
            ? await MakeAsync(parent, state => Adopt(state, parent, id, asked, request), cancellationToken)
            : await past.MakeAsync(parent, request.AtIterations, state => Adopt(state, parent, id, asked, request), cancellationToken);

        // 3 From here on it is a session like others.
        if (!ReferenceEquals(await sessions.BeginAsync(child, hasPast: true), child))
        {
            throw Exists(id);
        }

        expiry.Watch(child);
        SessionsLog.Created(logger, id, child.Definition.Tensors.Length, child.Definition.StateBytes);
        return new ForkSessionResponse { Session = await child.RunAsync(core => SessionDescriber.Full(child, core), cancellationToken) };
    }

    private static void Check(ForkSessionRequest request)
    {
        var errors = new FieldErrors();
        if (request.NewSessionId.Length > 0 && !SessionId.IsValid(request.NewSessionId))
        {
            errors.Add("new_session_id", $"expected {SessionId.Form}, received '{request.NewSessionId}'.");
        }

        if (request.HasAtIterations && request.AtIterations is < 0 or > AdamOptimizer.MaxIterations)
        {
            errors.Add("at_iterations", $"expected 0 to {AdamOptimizer.MaxIterations}, received {request.AtIterations}.");
        }

        LabelReader.Read(request.Labels, "labels", errors);
        errors.ThrowIfAny(ErrorReason.InvalidField);
    }

    private static async Task<bool> IsPresentAsync(SessionActor parent, ForkSessionRequest request, CancellationToken cancellationToken) =>
        !request.HasAtIterations
        || await parent.RunAsync(core => core.Optimizer.Groups[0].Iterations == request.AtIterations, cancellationToken);

    private async Task<SessionActor> MakeAsync(SessionActor parent, Action<Stored.SessionState> adopt, CancellationToken cancellationToken)
    {
        using var copy = await StateCopy.TakeAsync(parent, budget, threads, cancellationToken);
        var state = copy.State.Clone();
        adopt(state);
        state.LogSequence = 0;
        state.Workers.Clear();
        return maker.Make(maker.Define(state), state, state.Generation, core =>
        {
            for (var i = 0; i < copy.Arrays.Length; i++)
            {
                copy.Elements[i].CopyTo(core.Optimizer.Slot(copy.Arrays[i].Tensor, copy.Arrays[i].Slot));
            }
        });
    }

    private void Adopt(Stored.SessionState state, SessionActor parent, string id, V1.Durability asked, ForkSessionRequest request)
    {
        var identity = SessionIdentity.Begin(time);
        state.SessionUid = identity.Uid;
        state.CreateTime = Timestamp.FromDateTimeOffset(identity.CreateTime);
        state.Generation = identity.Generation;
        state.Lineage = new Lineage { ParentUid = parent.Uid, ParentVersion = state.Version };
        state.Definition = state.Definition.Clone();
        state.Definition.SessionId = id;
        state.Definition.Durability = asked;
        if (request.Labels.Count > 0)
        {
            state.Labels.Clear();
            state.Labels.Add(request.Labels);
        }
    }

    private static ServiceException Exists(string id) => new(
        ErrorReason.SessionExists,
        $"new_session_id: there is a session '{id}'. Choose another id, or delete it first.",
        ("fields", "new_session_id"));
}
