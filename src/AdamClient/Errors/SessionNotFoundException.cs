namespace Adam.Client;

/// <summary>
/// No session of this id, or another one than the caller's reference names (<see cref="AdamErrorReason.SessionReplaced"/>).
/// </summary>
public sealed class SessionNotFoundException : AdamException
{
    internal SessionNotFoundException(AdamError error)
        : base(error)
    {
    }
}
