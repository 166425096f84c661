using Adam.Service.Storage.Files;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.CommandLine;

/// <summary>Writes what <c>ExportSession</c> streams into a file, which is there wholly or not at all.</summary>
internal static class ExportedFile
{
    // So much is in the cache before the disk is asked to begin, so that the last wait is short.
    private const long WritebackBytes = 32L << 20;

    /// <summary>Receives all of it.</summary>
    /// <returns>What was exported.</returns>
    /// <exception cref="RpcException">The service refuses, or has gone.</exception>
    /// <exception cref="IOException">It cannot be written, or came incomplete.</exception>
    public static async Task<ExportBegin> WriteAsync(IAsyncStreamReader<ExportSessionResponse> responses, string path, CancellationToken cancellationToken)
    {
        var begin = await responses.MoveNext(cancellationToken) && responses.Current.Begin is { } first
            ? first
            : throw new IOException("The service began an export without saying what comes.");
        var progress = new TransferProgress(path, (long)begin.SizeBytes, Console.Error);
        using var file = AtomicFile.Begin(FileSystem.Linux, path);
        long length = 0;
        long begun = 0;
        while (await responses.MoveNext(cancellationToken))
        {
            var data = responses.Current.Data;
            file.Content.Write(data.Span, length);
            length += data.Length;
            if (length - begun >= WritebackBytes)
            {
                file.Content.BeginWriteback(begun, length - begun);
                begun = length;
            }

            progress.Report(length);
        }

        if ((ulong)length != begin.SizeBytes)
        {
            throw new IOException($"The service ended an export of {begin.SizeBytes} bytes after {length}; {path} was not written.");
        }

        file.Commit();
        return begin;
    }
}
