using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Sessions;

/// <summary>The last results of a worker, by sequence. What is older is known to be decided, but no longer how.</summary>
internal sealed class ResultHistory
{
    /// <summary>How many results are kept, as the contract promises.</summary>
    public const int Kept = 64;

    // As bytes, for which hardly anybody asks again: 104 of them for a result where the message takes 352, 7 and not 22 KiB for a worker. One
    // that has not trained keeps nothing.
    private (ulong Sequence, byte[]? Bytes)[]? _results;

    /// <summary>Keeps the result of the next sequence; the oldest one makes room.</summary>
    /// <param name="result">The result. What it says of the moment it is sent at is not worth keeping: whoever sends it says it anew.</param>
    /// <returns>What is kept of it.</returns>
    public ReadOnlyMemory<byte> Add(BatchResult result)
    {
        var bytes = result.ToByteArray();
        (_results ??= new (ulong, byte[]?)[Kept])[result.Sequence % Kept] = (result.Sequence, bytes);
        return bytes;
    }

    /// <summary>What is kept, serialised, oldest first.</summary>
    public IEnumerable<ByteString> All => (_results ?? []).Where(result => result.Bytes is not null).OrderBy(result => result.Sequence)
        .Select(result => UnsafeByteOperations.UnsafeWrap(result.Bytes));

    /// <summary>The result of <paramref name="sequence"/>, a message of its own, or null if it was never decided or is forgotten.</summary>
    public BatchResult? Find(ulong sequence) =>
        _results?[sequence % Kept] is (var kept, { } bytes) && kept == sequence ? BatchResult.Parser.ParseFrom(bytes) : null;
}
