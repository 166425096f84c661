using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;

namespace Adam.Client.Internal;

/// <summary>The control plane: one method for each call of the service <c>Sessions</c> that the SDK offers.</summary>
internal sealed class SessionsApi(V1.Sessions.SessionsClient stub, CallPolicy policy)
{
    private const int PageSize = 100;

    public async Task<SessionInfo> CreateAsync(V1.CreateSessionRequest request, CancellationToken cancellationToken)
    {
        var answer = await CallPolicy.RunAsync(stub.CreateSessionAsync(request, policy.Unary(cancellationToken)), cancellationToken);
        return SessionMapping.FromWire(answer.Session, answer.Created);
    }

    public async Task<SessionInfo> GetAsync(SessionRef session, CancellationToken cancellationToken)
    {
        var request = new V1.GetSessionRequest { Session = SessionMapping.ToWire(session) };
        var answer = await CallPolicy.RunAsync(stub.GetSessionAsync(request, policy.Unary(cancellationToken)), cancellationToken);
        return SessionMapping.FromWire(answer.Session);
    }

    public async IAsyncEnumerable<SessionInfo> ListAsync(
        IReadOnlyDictionary<string, string>? labels,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new V1.ListSessionsRequest { PageSize = PageSize };
        request.Labels.Add(labels?.ToDictionary() ?? []);
        do
        {
            var page = await CallPolicy.RunAsync(stub.ListSessionsAsync(request, policy.Unary(cancellationToken)), cancellationToken);
            foreach (var session in page.Sessions)
            {
                yield return SessionMapping.FromWire(session);
            }

            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }

    public Task<SessionInfo> UpdateLearningRateAsync(
        SessionRef session,
        LearningRate rate,
        bool replaceSchedule,
        int group,
        CancellationToken cancellationToken)
    {
        var update = new V1.SessionUpdate
        {
            LearningRate = LearningRateMapping.ToWire(rate),
            ReplaceSchedule = replaceSchedule,
            Group = (uint)group,
        };
        return UpdateAsync(session, update, "learning_rate", cancellationToken);
    }

    public Task<SessionInfo> UpdateLabelsAsync(
        SessionRef session,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken)
    {
        var update = new V1.SessionUpdate();
        update.Labels.Add(labels.ToDictionary());
        return UpdateAsync(session, update, "labels", cancellationToken);
    }

    public async Task DeleteAsync(SessionRef session, CancellationToken cancellationToken)
    {
        var request = new V1.DeleteSessionRequest { Session = SessionMapping.ToWire(session) };
        await CallPolicy.RunAsync(stub.DeleteSessionAsync(request, policy.Unary(cancellationToken)), cancellationToken);
    }

    public async Task<ulong> DeleteAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        var request = new V1.DeleteSessionsRequest();
        request.Labels.Add(labels.ToDictionary());
        return (await CallPolicy.RunAsync(stub.DeleteSessionsAsync(request, policy.Unary(cancellationToken)), cancellationToken)).Deleted;
    }

    public async Task<SessionEstimate> EstimateAsync(V1.CreateSessionRequest asked, CancellationToken cancellationToken)
    {
        var request = new V1.EstimateSessionRequest { Request = asked };
        return LimitsMapping.FromWire(await CallPolicy.RunAsync(stub.EstimateSessionAsync(request, policy.Unary(cancellationToken)), cancellationToken));
    }

    public async Task<SessionInfo> FinalizeAsync(SessionRef session, CancellationToken cancellationToken)
    {
        var request = new V1.FinalizeSessionRequest { Session = SessionMapping.ToWire(session) };
        var answer = await CallPolicy.RunAsync(stub.FinalizeSessionAsync(request, policy.Unary(cancellationToken)), cancellationToken);
        return SessionMapping.FromWire(answer.Session);
    }

    /// <summary>Copies a whole state, so there is no deadline.</summary>
    public async Task<SessionInfo> ForkAsync(SessionRef session, string? newSessionId, ForkOptions options, CancellationToken cancellationToken)
    {
        var request = new V1.ForkSessionRequest
        {
            Session = SessionMapping.ToWire(session),
            NewSessionId = newSessionId ?? "",
            Durability = DurabilityMapping.ToWire(options.Durability),
        };
        Given.Set(options.AtIterations, value => request.AtIterations = value);
        request.Labels.Add(options.Labels?.ToDictionary() ?? []);
        var answer = await CallPolicy.RunAsync(stub.ForkSessionAsync(request, CallPolicy.Streaming(cancellationToken)), cancellationToken);
        return SessionMapping.FromWire(answer.Session, isNew: true);
    }

    private async Task<SessionInfo> UpdateAsync(
        SessionRef session,
        V1.SessionUpdate update,
        string field,
        CancellationToken cancellationToken)
    {
        var request = new V1.UpdateSessionRequest
        {
            Session = SessionMapping.ToWire(session),
            Update = update,
            UpdateMask = new FieldMask { Paths = { field } },
        };
        var answer = await CallPolicy.RunAsync(stub.UpdateSessionAsync(request, policy.Unary(cancellationToken)), cancellationToken);
        return SessionMapping.FromWire(answer.Session);
    }
}
