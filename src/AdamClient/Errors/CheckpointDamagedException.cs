namespace Adam.Client;

/// <summary>A checkpoint, or a file that was to be imported, is damaged; the message says where. Nothing has changed.</summary>
public sealed class CheckpointDamagedException : AdamException
{
    internal CheckpointDamagedException(AdamError error)
        : base(error)
    {
        CheckpointId = error.Text("checkpoint_id");
    }

    /// <summary>The id of the checkpoint, if the service named it.</summary>
    public string? CheckpointId { get; }
}
