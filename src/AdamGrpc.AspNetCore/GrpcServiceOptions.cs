namespace Grpc.AspNetCore.Server;

/// <summary>Options of all gRPC services of a server.</summary>
public class GrpcServiceOptions
{
    /// <summary>The default of <see cref="MaxReceiveMessageSize"/>: 4 MiB.</summary>
    internal const int DefaultMaxReceiveMessageSize = 4 * 1024 * 1024;

    private int? _maxReceiveMessageSize;
    private int? _maxSendMessageSize;

    /// <summary>
    /// The largest request in bytes, 0 or more; a longer one ends the call with <see cref="Core.StatusCode.ResourceExhausted"/> as soon
    /// as its length is read, before it is buffered. Null is no limit. 4 MiB by default.
    /// </summary>
    public int? MaxReceiveMessageSize
    {
        get => IsMaxReceiveMessageSizeSet ? _maxReceiveMessageSize : DefaultMaxReceiveMessageSize;
        set
        {
            ThrowIfNegative(value);
            _maxReceiveMessageSize = value;
            IsMaxReceiveMessageSizeSet = true;
        }
    }

    /// <summary>
    /// The largest response in bytes, 0 or more; a longer one ends the call with <see cref="Core.StatusCode.ResourceExhausted"/> and is
    /// not sent. Null is no limit. Null by default.
    /// </summary>
    public int? MaxSendMessageSize
    {
        get => _maxSendMessageSize;
        set
        {
            ThrowIfNegative(value);
            _maxSendMessageSize = value;
            IsMaxSendMessageSizeSet = true;
        }
    }

    /// <summary>
    /// Whether clients are told the message of an exception that a handler did not catch. It may give away what is nobody's business.
    /// Null stands for the setting above this one, and at the top for false. Null by default.
    /// </summary>
    public bool? EnableDetailedErrors { get; set; }

    /// <summary>
    /// Whether requests for unknown services and methods are passed to whatever else the application has at that path, instead of being
    /// answered with <see cref="Core.StatusCode.Unimplemented"/>. Null stands for the setting above this one, and at the top for false.
    /// Null by default.
    /// </summary>
    public bool? IgnoreUnknownServices { get; set; }

    internal bool IsMaxReceiveMessageSizeSet { get; private set; }

    internal bool IsMaxSendMessageSizeSet { get; private set; }

    private static void ThrowIfNegative(int? value)
    {
        if (value is int number)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(number, nameof(value));
        }
    }
}
