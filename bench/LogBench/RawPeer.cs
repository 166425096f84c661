using System.Globalization;
using Adam.Service.Storage.Files;

namespace Adam.Bench.LogBench;

/// <summary><c>pwrite</c> and <c>fdatasync</c>, into a file for each batch as the log has a segment for it, without checksums and without records.</summary>
/// <param name="directory">Where the files go.</param>
/// <param name="batch">What is written.</param>
/// <param name="pieceBytes">How much with one call.</param>
/// <param name="isAllocated">Whether the file's blocks are allocated first.</param>
internal sealed class RawPeer(string directory, Batch batch, long pieceBytes, bool isAllocated) : IPeer
{
    private int _number;

    public string Name => string.Create(CultureInfo.InvariantCulture, $"pwrite of {pieceBytes >> 10} KiB, fdatasync{(isAllocated ? ", allocated first" : "")}");

    private string Path => System.IO.Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"raw-{pieceBytes}-{isAllocated}-{_number}"));

    public Task WriteAsync() => Task.Run(() =>
    {
        _number++;
        if (isAllocated)
        {
            File.OpenHandle(Path, FileMode.Create, FileAccess.Write, preallocationSize: batch.Piece.Bytes).Dispose();
        }

        using var file = FileSystem.Linux.Open(Path, FileUse.UpdateOrCreate);
        for (long done = 0; done < batch.Piece.Bytes; done += pieceBytes)
        {
            ReadOnlySpan<NativePiece> piece = [new((nint)(batch.Piece.Address + done), Math.Min(pieceBytes, batch.Piece.Bytes - done))];
            file.Write(piece, done);
        }

        file.SyncData();
    });

    public void Clean() => FileSystem.Linux.Delete(Path);

    public void Dispose() => Clean();
}
