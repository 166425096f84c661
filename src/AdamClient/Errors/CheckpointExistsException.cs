namespace Adam.Client;

/// <summary>The session has a checkpoint of this id, of another version. It is untouched.</summary>
public sealed class CheckpointExistsException : AdamException
{
    internal CheckpointExistsException(AdamError error)
        : base(error)
    {
        CheckpointId = error.Text("checkpoint_id");
    }

    /// <summary>The id of the checkpoint, if the service named it.</summary>
    public string? CheckpointId { get; }
}
