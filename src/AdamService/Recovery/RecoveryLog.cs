namespace Adam.Service.Recovery;

/// <summary>What is logged while sessions are read from disk.</summary>
internal static partial class RecoveryLog
{
    [LoggerMessage(320, LogLevel.Information, "Reading sessions from {Directory}, start {Starts}.")]
    public static partial void Begins(ILogger logger, string directory, ulong starts);

    [LoggerMessage(321, LogLevel.Information, "{Restored} sessions are back, {SetAside} were set aside, in {Milliseconds} ms.")]
    public static partial void Ends(ILogger logger, int restored, int setAside, long milliseconds);

    [LoggerMessage(322, LogLevel.Information, "Session {SessionId} is back at version {Version}, generation {Generation}.")]
    public static partial void Restored(ILogger logger, string sessionId, ulong version, ulong generation);

    [LoggerMessage(323, LogLevel.Error, "Session {SessionId} was set aside: {Finding}")]
    public static partial void SetAside(ILogger logger, string sessionId, string finding);
}
