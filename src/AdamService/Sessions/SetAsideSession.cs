using Adam.Service.Errors;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Sessions;

/// <summary>A session that is on disk and could not be made again.</summary>
/// <param name="SessionId">Its id.</param>
/// <param name="Uid">Its 16 bytes.</param>
/// <param name="Finding">What is wrong, and where. It names files, and is for the service's log.</param>
internal sealed record SetAsideSession(string SessionId, ByteString Uid, string Finding)
{
    /// <summary>What calls to it are told.</summary>
    public ServiceException Refusal() => new(
        ErrorReason.SessionDamaged,
        $"Session '{SessionId}' is on disk and could not be read, so it was set aside; the service's log says what is wrong, and where. Restore its files and "
        + "start the service again, or delete the session to use its id again.",
        ("session_id", SessionId));
}
