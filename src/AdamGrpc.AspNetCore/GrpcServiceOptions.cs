using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using Grpc.Net.Compression;

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
    /// as its length is read, before it is buffered, or while it is decompressed: what counts is its length before compression. Null is
    /// no limit. 4 MiB by default.
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
    /// The largest response in bytes before compression, 0 or more; a longer one ends the call with <see cref="Core.StatusCode.ResourceExhausted"/> and is
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

    /// <summary>
    /// The name of the coding by which responses are compressed, for clients that accept it (<c>grpc-accept-encoding</c>). A handler
    /// chooses another for its call with the entry <c>grpc-internal-encoding-request</c> of the response headers that it sends, and spares
    /// single messages with <see cref="Core.WriteFlags.NoCompress"/>. Null stands for the setting above this one, and at the top for none.
    /// Null by default.
    /// </summary>
    public string? ResponseCompressionAlgorithm { get; set; }

    /// <summary>
    /// How hard <see cref="ResponseCompressionAlgorithm"/> tries. Null stands for the setting above this one, and at the top for the
    /// provider's own choice. Null by default.
    /// </summary>
    public CompressionLevel? ResponseCompressionLevel { get; set; }

    /// <summary>
    /// The codings that clients may use for requests, and <see cref="ResponseCompressionAlgorithm"/> for responses. Those of one service
    /// come before those of all; of several with one name the first counts. Empty by default, which at the top stands for gzip and deflate.
    /// </summary>
    [SuppressMessage("Usage", "CA2227", Justification = "The setter is official.")]
    public IList<ICompressionProvider> CompressionProviders { get; set; } = [];

    /// <summary>
    /// The interceptors that calls pass before their handler. Those of all services come before those of one; each is taken from the scope of
    /// the call if it is registered as a service, and made for the call otherwise. Empty by default.
    /// </summary>
    public InterceptorCollection Interceptors { get; } = [];

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
