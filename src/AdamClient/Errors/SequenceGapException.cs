namespace Adam.Client;

/// <summary>
/// A batch was skipped or came too early: in a session, one that was under way before it was refused or stale. Nothing was applied. Once all steps that were
/// under way have ended, send what is to be applied again.
/// </summary>
public sealed class SequenceGapException : AdamException
{
    internal SequenceGapException(AdamError error)
        : base(error)
    {
        ExpectedSequence = error.Number("expected_sequence");
    }

    /// <summary>The number of the batch that is expected, if the service named it.</summary>
    public ulong? ExpectedSequence { get; }
}
