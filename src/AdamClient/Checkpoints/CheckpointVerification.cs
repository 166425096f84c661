namespace Adam.Client;

/// <summary>What was found when a checkpoint was read through.</summary>
/// <param name="Finding">Null if every checksum is right; otherwise what is wrong, and where.</param>
public sealed record CheckpointVerification(string? Finding)
{
    /// <summary>Whether every checksum is right.</summary>
    public bool IsIntact => Finding is null;
}
