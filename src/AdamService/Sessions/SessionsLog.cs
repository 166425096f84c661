namespace Adam.Service.Sessions;

/// <summary>What is logged about sessions and their workers.</summary>
internal static partial class SessionsLog
{
    [LoggerMessage(100, LogLevel.Information, "Session {SessionId} created: {Tensors} tensors, {StateBytes} bytes of state.")]
    public static partial void Created(ILogger logger, string sessionId, int tensors, long stateBytes);

    [LoggerMessage(101, LogLevel.Information, "Session {SessionId} deleted.")]
    public static partial void Deleted(ILogger logger, string sessionId);

    [LoggerMessage(102, LogLevel.Information, "Worker {WorkerId} opened session {SessionId}, epoch {Epoch}.")]
    public static partial void WorkerOpened(ILogger logger, string sessionId, string workerId, ulong epoch);

    [LoggerMessage(103, LogLevel.Information, "Worker {WorkerId} of epoch {Epoch} left session {SessionId}.")]
    public static partial void WorkerLeft(ILogger logger, string sessionId, string workerId, ulong epoch);

    [LoggerMessage(104, LogLevel.Debug, "Batch {Sequence} of worker {WorkerId} refused in session {SessionId}: {Reason}.")]
    public static partial void BatchRefused(ILogger logger, string sessionId, string workerId, ulong sequence, string reason);

    [LoggerMessage(110, LogLevel.Information, "Session {SessionId} was not used since {LastUsedTime:O} and is ended.")]
    public static partial void Expired(ILogger logger, string sessionId, DateTimeOffset lastUsedTime);

    [LoggerMessage(105, LogLevel.Warning, "The system gives no memory. {Purpose}.")]
    public static partial void NoSharedMemory(ILogger logger, string purpose, Exception cause);
}
