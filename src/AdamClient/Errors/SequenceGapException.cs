namespace Adam.Client;

/// <summary>A batch was skipped or came too early.</summary>
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
