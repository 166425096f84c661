namespace Adam.Client;

/// <summary>The session was deleted while the call ran.</summary>
public sealed class SessionDeletedException : AdamException
{
    internal SessionDeletedException(AdamError error)
        : base(error)
    {
    }
}
