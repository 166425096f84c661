namespace Adam.Client;

/// <summary>A session of this id was created by a different request.</summary>
public sealed class SessionExistsException : AdamException
{
    internal SessionExistsException(AdamError error)
        : base(error)
    {
        Fields = error.List("fields");
    }

    /// <summary>The fields that differ, spelled as in the contract.</summary>
    public IReadOnlyList<string> Fields { get; }
}
