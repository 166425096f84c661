namespace Adam.Client;

/// <summary>A checkpoint has other tensors or slots than the session that was to be restored from it. The session is as it was.</summary>
public sealed class CheckpointMismatchException : AdamException
{
    internal CheckpointMismatchException(AdamError error)
        : base(error)
    {
        Fields = error.List("fields");
    }

    /// <summary>What differs, spelled as in the contract. The message says how.</summary>
    public IReadOnlyList<string> Fields { get; }
}
