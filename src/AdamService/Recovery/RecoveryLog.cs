namespace Adam.Service.Recovery;

/// <summary>What is logged while sessions are read from disk.</summary>
internal static partial class RecoveryLog
{
    [LoggerMessage(320, LogLevel.Information, "Reading sessions from {Directory}, start {Starts}.")]
    public static partial void Begins(ILogger logger, string directory, ulong starts);

    [LoggerMessage(321, LogLevel.Information, "{Restored} sessions are back, {SetAside} were set aside, {Replayed} changes were replayed, in {Milliseconds} ms.")]
    public static partial void Ends(ILogger logger, int restored, int setAside, long replayed, long milliseconds);

    [LoggerMessage(322, LogLevel.Information, "Session {SessionId} is back at version {Version}, generation {Generation}; {Replayed} changes were replayed.")]
    public static partial void Restored(ILogger logger, string sessionId, ulong version, ulong generation, long replayed);

    [LoggerMessage(323, LogLevel.Error, "Session {SessionId} was set aside: {Finding}")]
    public static partial void SetAside(ILogger logger, string sessionId, string finding);

    [LoggerMessage(324, LogLevel.Warning, "Step log: {Remark}")]
    public static partial void Remark(ILogger logger, string remark);

    [LoggerMessage(325, LogLevel.Error, "{Fault} The other copy was read and has taken its place.")]
    public static partial void NodeDamaged(ILogger logger, string fault);

    [LoggerMessage(326, LogLevel.Error, "Session {SessionId} cannot be brought back to iteration {Iterations}: {Finding}")]
    public static partial void PastDamaged(ILogger logger, string sessionId, long iterations, string finding);
}
