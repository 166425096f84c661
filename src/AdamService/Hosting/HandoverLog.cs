namespace Adam.Service.Hosting;

/// <summary>What is logged about the handover of descriptors.</summary>
internal static partial class HandoverLog
{
    [LoggerMessage(400, LogLevel.Error, "Descriptors of shared memory are not handed out any more: the socket has failed.")]
    public static partial void Ended(ILogger logger, Exception cause);

    [LoggerMessage(401, LogLevel.Debug, "A handover of descriptors did not come to its end: {Cause}")]
    public static partial void Failed(ILogger logger, string cause);
}
