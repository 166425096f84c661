namespace Adam.Client;

/// <summary>The session has no checkpoint of this id.</summary>
public sealed class CheckpointNotFoundException : AdamException
{
    internal CheckpointNotFoundException(AdamError error)
        : base(error)
    {
        CheckpointId = error.Text("checkpoint_id");
    }

    /// <summary>The id of the checkpoint, if the service named it.</summary>
    public string? CheckpointId { get; }
}
