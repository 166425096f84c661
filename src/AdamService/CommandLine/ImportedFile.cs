using Adam.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Service.CommandLine;

/// <summary>Sends a file to <c>ImportSession</c>.</summary>
internal static class ImportedFile
{
    // Less than the smallest Limits:MessageBytesMax, 64 KiB.
    private const int PieceBytes = 60 << 10;

    /// <summary>Sends all of it.</summary>
    /// <returns>The session that was made.</returns>
    /// <exception cref="RpcException">The service refuses, or has gone.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<Session> SendAsync(AsyncClientStreamingCall<ImportSessionRequest, ImportSessionResponse> call, ImportBegin begin, string path)
    {
        await using var file = File.OpenRead(path);
        var progress = new TransferProgress(path, file.Length, Console.Error);
        var isRefused = !await TryAsync(() => call.RequestStream.WriteAsync(new ImportSessionRequest { Begin = begin }));
        var buffer = new byte[PieceBytes];
        long sent = 0;
        int count;
        while (!isRefused && (count = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false)) > 0)
        {
            // A message is serialised when its write has ended, so one buffer will do.
            var piece = new ImportSessionRequest { Data = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, count)) };
            isRefused = !await TryAsync(() => call.RequestStream.WriteAsync(piece));
            sent += count;
            progress.Report(sent);
        }

        isRefused = isRefused || !await TryAsync(call.RequestStream.CompleteAsync);
        var answer = await call.ResponseAsync;
        return isRefused ? throw new IOException("The service answered an import before it had the file.") : answer.Session;
    }

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
