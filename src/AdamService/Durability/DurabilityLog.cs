namespace Adam.Service.Durability;

/// <summary>What is logged about snapshots and checkpoints.</summary>
internal static partial class DurabilityLog
{
    [LoggerMessage(300, LogLevel.Information, "Snapshot of session {SessionId} at version {Version}: {Bytes} bytes in {Milliseconds} ms.")]
    public static partial void Saved(ILogger logger, string sessionId, ulong version, ulong bytes, long milliseconds);

    [LoggerMessage(301, LogLevel.Warning, "No snapshot of session {SessionId} now, the one before stays; tried again in {Seconds} s. {Reason}")]
    public static partial void PutOff(ILogger logger, string sessionId, double seconds, string reason);

    [LoggerMessage(302, LogLevel.Error, "Session {SessionId} was not kept as it was when the service stopped: what came after its last snapshot is lost. {Reason}")]
    public static partial void NotKept(ILogger logger, string sessionId, string reason);

    [LoggerMessage(303, LogLevel.Error, "Damaged snapshot of session {SessionId}: {Finding}")]
    public static partial void Damaged(ILogger logger, string sessionId, string finding);

    [LoggerMessage(304, LogLevel.Error, "The snapshots of session {SessionId} end with an error that nobody expected.")]
    public static partial void Unexpected(ILogger logger, string sessionId, Exception error);

    [LoggerMessage(305, LogLevel.Warning, "No room is kept for deletions on a full disk. {Reason}")]
    public static partial void NoReserve(ILogger logger, string reason);

    [LoggerMessage(306, LogLevel.Warning, "The old part of the step log stays for now. {Reason}")]
    public static partial void NotReleased(ILogger logger, string reason);

    [LoggerMessage(307, LogLevel.Warning, "It was not noted that the step log has a segment more: nobody would miss it. {Reason}")]
    public static partial void SegmentNotNoted(ILogger logger, string reason);
}
