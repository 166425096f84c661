using Grpc.Core;

namespace Adam.Client.Internal;

/// <summary>Writes the file of a session as it comes, a message at a time.</summary>
internal sealed class SessionExport(V1.Checkpoints.CheckpointsClient stub)
{
    public async Task<ExportResult> RunAsync(SessionRef session, string? checkpointId, Stream destination, CancellationToken cancellationToken)
    {
        var request = new V1.ExportSessionRequest { Session = SessionMapping.ToWire(session), CheckpointId = checkpointId ?? "" };
        using var call = stub.ExportSession(request, CallPolicy.Streaming(cancellationToken));
        var begin = await NextAsync(call.ResponseStream, cancellationToken) is { Begin: { } first }
            ? first
            : throw ErrorTranslator.BrokenContract("The service began an export without saying what comes.");
        long received = 0;
        while (await NextAsync(call.ResponseStream, cancellationToken) is { } message)
        {
            await destination.WriteAsync(message.Data.Memory, cancellationToken);
            received += message.Data.Length;
        }

        return (ulong)received == begin.SizeBytes
            ? new ExportResult(begin.Version, received)
            : throw ErrorTranslator.BrokenContract($"The service ended an export of {begin.SizeBytes} bytes after {received}.");
    }

    // What the destination throws is its own.
    private static async Task<V1.ExportSessionResponse?> NextAsync(
        IAsyncStreamReader<V1.ExportSessionResponse> responses, CancellationToken cancellationToken)
    {
        try
        {
            return await responses.MoveNext(CancellationToken.None) ? responses.Current : null;
        }
        catch (RpcException failure)
        {
            throw ErrorTranslator.Translate(failure, cancellationToken);
        }
    }
}
