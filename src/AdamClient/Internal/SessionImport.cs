using Google.Protobuf;
using Grpc.Core;

namespace Adam.Client.Internal;

/// <summary>Sends a file as it is read, a piece at a time.</summary>
internal sealed class SessionImport(V1.Checkpoints.CheckpointsClient stub)
{
    // Less than the smallest message limit that a service may have, 64 KiB.
    private const int PieceBytes = 60 << 10;

    public async Task<SessionInfo> RunAsync(Stream source, ImportOptions options, CancellationToken cancellationToken)
    {
        using var call = stub.ImportSession(CallPolicy.Streaming(cancellationToken));
        var isSent = await SendAsync(call.RequestStream, source, options, cancellationToken);
        try
        {
            var answer = await call.ResponseAsync;
            return isSent
                ? SessionMapping.FromWire(answer.Session, isNew: true)
                : throw ErrorTranslator.BrokenContract("The service answered an import before it had the file.");
        }
        catch (RpcException failure)
        {
            throw ErrorTranslator.Translate(failure, cancellationToken);
        }
    }

    private static async Task<bool> SendAsync(
        IClientStreamWriter<V1.ImportSessionRequest> requests, Stream source, ImportOptions options, CancellationToken cancellationToken)
    {
        var begin = new V1.ImportBegin { SessionId = options.SessionId ?? "", Durability = DurabilityMapping.ToWire(options.Durability) };
        begin.Labels.Add(options.Labels?.ToDictionary() ?? []);
        if (!await TryWriteAsync(requests, new V1.ImportSessionRequest { Begin = begin }))
        {
            return false;
        }

        // A message is serialised when its write has ended, so one buffer will do. What the source throws is its own, and the call then ends without the
        // end of the file: nothing is made.
        var buffer = new byte[PieceBytes];
        int count;
        while ((count = await source.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)) > 0)
        {
            var piece = new V1.ImportSessionRequest { Data = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, count)) };
            if (!await TryWriteAsync(requests, piece))
            {
                return false;
            }
        }

        return await TryAsync(requests.CompleteAsync);
    }

    private static Task<bool> TryWriteAsync(IClientStreamWriter<V1.ImportSessionRequest> requests, V1.ImportSessionRequest message) =>
        TryAsync(() => requests.WriteAsync(message, CancellationToken.None));

    // False: the service ended the call early; its answer says why.
    private static async Task<bool> TryAsync(Func<Task> send)
    {
        try
        {
            await send();
            return true;
        }
        catch (Exception refused) when (refused is RpcException or InvalidOperationException)
        {
            return false;
        }
    }
}
