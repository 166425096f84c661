namespace Adam.Service.Storage.Log;

/// <summary>What is logged about the log.</summary>
internal static partial class StepLogEvents
{
    [LoggerMessage(500, LogLevel.Critical, "The log has failed; nothing more is acknowledged until the service is started again.")]
    public static partial void Failed(ILogger logger, Exception cause);

    [LoggerMessage(501, LogLevel.Warning, "The log is full: {Count} records of a group were refused. {Cause}")]
    public static partial void Full(ILogger logger, int count, string cause);

    [LoggerMessage(502, LogLevel.Information, "The log takes records again.")]
    public static partial void RoomAgain(ILogger logger);

    [LoggerMessage(503, LogLevel.Information, "The torn end of {Segment} was cut off at {Offset}, before record {Lsn}: it had not been acknowledged. {Reason}")]
    public static partial void TailCut(ILogger logger, string segment, long offset, ulong lsn, string reason);

    [LoggerMessage(504, LogLevel.Warning, "The log was closed without its last mark: {Cause}")]
    public static partial void ClosedWithoutMark(ILogger logger, string cause);
}
