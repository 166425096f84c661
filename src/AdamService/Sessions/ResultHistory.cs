using Adam.V1;

namespace Adam.Service.Sessions;

/// <summary>The last results of a worker, by sequence. What is older is known to be decided, but no longer how.</summary>
internal sealed class ResultHistory
{
    /// <summary>How many results are kept, as the contract promises.</summary>
    public const int Kept = 64;

    private readonly BatchResult?[] _results = new BatchResult?[Kept];

    /// <summary>Keeps the result of the next sequence; the oldest one makes room.</summary>
    public void Add(BatchResult result) => _results[result.Sequence % Kept] = result;

    /// <summary>The result of <paramref name="sequence"/>, or null if it was never decided or is forgotten.</summary>
    public BatchResult? Find(ulong sequence) =>
        _results[sequence % Kept] is { } result && result.Sequence == sequence ? result : null;
}
