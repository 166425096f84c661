using System.Net;

namespace Adam.Service.Connections;

/// <summary>What is logged about connections. Clients cause all of it, so none of it is an error.</summary>
internal static partial class ConnectionsLog
{
    [LoggerMessage(200, LogLevel.Information, "Connection of {Client} ended: it broke {Limit}.")]
    public static partial void FramesRefused(ILogger logger, EndPoint? client, string limit);

    [LoggerMessage(201, LogLevel.Information, "Connection of {Client} ended: no frame came in {Seconds} s.")]
    public static partial void NoPreface(ILogger logger, EndPoint? client, double seconds);

    [LoggerMessage(202, LogLevel.Information, "Connection of {Client} refused: {Option}={Value} are open.")]
    public static partial void ConnectionRefused(ILogger logger, EndPoint? client, string option, int value);

    [LoggerMessage(203, LogLevel.Information, "{Method} ended: its client sent too little in {Seconds} s.")]
    public static partial void RequestStalled(ILogger logger, string method, double seconds);

    [LoggerMessage(204, LogLevel.Information, "{Method} ended: its client took too little of the answer in {Seconds} s.")]
    public static partial void ResponseStalled(ILogger logger, string method, double seconds);

    [LoggerMessage(205, LogLevel.Information, "{Method} ended: {Bytes} bytes of answers wait for their clients, and much of this one for long.")]
    public static partial void ResponsesTooMany(ILogger logger, string method, long bytes);

    [LoggerMessage(206, LogLevel.Information, "Connection of {Client} ended: it negotiated no HTTP/2.")]
    public static partial void NoHttp2(ILogger logger, EndPoint? client);
}
