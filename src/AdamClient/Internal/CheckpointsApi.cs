using System.Runtime.CompilerServices;

namespace Adam.Client.Internal;

/// <summary>The service <c>Checkpoints</c>, call by call. Whatever reads or writes a whole state has no deadline.</summary>
internal sealed class CheckpointsApi(V1.Checkpoints.CheckpointsClient stub, CallPolicy policy)
{
    private const int PageSize = 100;

    public async Task<CheckpointInfo> SaveAsync(SessionRef session, string? id, CancellationToken cancellationToken)
    {
        var request = new V1.SaveCheckpointRequest { Session = SessionMapping.ToWire(session), CheckpointId = id ?? "" };
        var answer = await CallPolicy.RunAsync(stub.SaveCheckpointAsync(request, CallPolicy.Streaming(cancellationToken)), cancellationToken);
        return FromWire(answer.Checkpoint);
    }

    public async IAsyncEnumerable<CheckpointInfo> ListAsync(SessionRef session, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new V1.ListCheckpointsRequest { Session = SessionMapping.ToWire(session), PageSize = PageSize };
        do
        {
            var page = await CallPolicy.RunAsync(stub.ListCheckpointsAsync(request, policy.Unary(cancellationToken)), cancellationToken);
            foreach (var checkpoint in page.Checkpoints)
            {
                yield return FromWire(checkpoint);
            }

            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }

    public async Task<SessionInfo> RestoreAsync(SessionRef session, string id, SessionRef? source, CancellationToken cancellationToken)
    {
        var request = new V1.RestoreCheckpointRequest
        {
            Session = SessionMapping.ToWire(session),
            CheckpointId = id,
            Source = source is null ? null : SessionMapping.ToWire(source),
        };
        var answer = await CallPolicy.RunAsync(stub.RestoreCheckpointAsync(request, CallPolicy.Streaming(cancellationToken)), cancellationToken);
        return SessionMapping.FromWire(answer.Session);
    }

    public async Task<CheckpointVerification> VerifyAsync(SessionRef session, string id, CancellationToken cancellationToken)
    {
        var request = new V1.VerifyCheckpointRequest { Session = SessionMapping.ToWire(session), CheckpointId = id };
        var answer = await CallPolicy.RunAsync(stub.VerifyCheckpointAsync(request, CallPolicy.Streaming(cancellationToken)), cancellationToken);
        return new CheckpointVerification(answer.Intact ? null : answer.Finding);
    }

    public async Task DeleteAsync(SessionRef session, string id, CancellationToken cancellationToken)
    {
        var request = new V1.DeleteCheckpointRequest { Session = SessionMapping.ToWire(session), CheckpointId = id };
        await CallPolicy.RunAsync(stub.DeleteCheckpointAsync(request, policy.Unary(cancellationToken)), cancellationToken);
    }

    private static CheckpointInfo FromWire(V1.Checkpoint checkpoint) => new()
    {
        Id = checkpoint.CheckpointId,
        Version = checkpoint.Version,
        Iterations = checkpoint.Iterations,
        SizeBytes = checkpoint.SizeBytes,
        CreateTime = checkpoint.CreateTime?.ToDateTimeOffset(),
    };
}
