using Grpc.Core;
using Grpc.Core.Internal;
using Grpc.Net.Client.Internal;

namespace Grpc.Net.Client;

/// <summary>A way to a server over HTTP/2. Costly to make and meant to be shared: calls may be made from many threads.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly CancellationTokenSource _disposal = new();
    private int _isDisposed;

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        Address = address;
        MaxReceiveMessageSize = options.MaxReceiveMessageSize;
        MaxSendMessageSize = options.MaxSendMessageSize;
        ThrowOperationCanceledOnCancellation = options.ThrowOperationCanceledOnCancellation;
        Codings = new MessageCodings(options.CompressionProviders ?? MessageCodings.CreateDefaultProviders());
        TimeProvider = options.TimeProvider;
        _http = options.HttpHandler is { } handler
            ? new HttpMessageInvoker(handler, options.DisposeHttpClient)
            : new HttpMessageInvoker(DefaultHttpHandler.Create(address), disposeHandler: true);
    }

    internal Uri Address { get; }

    internal int? MaxReceiveMessageSize { get; }

    internal int? MaxSendMessageSize { get; }

    internal bool ThrowOperationCanceledOnCancellation { get; }

    internal MessageCodings Codings { get; }

    internal TimeProvider TimeProvider { get; }

    /// <summary>Carries requests. It has no time limit of its own and buffers no response.</summary>
    internal HttpMessageInvoker Http => _http;

    /// <summary>Fires when the channel is disposed.</summary>
    internal CancellationToken Disposal => _disposal.Token;

    /// <summary>Makes a channel. No connection is made before the first call.</summary>
    /// <param name="address">The address of the server: <c>http://host:port</c> in clear text, <c>https://host:port</c> with TLS.</param>
    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>Makes a channel. No connection is made before the first call.</summary>
    /// <param name="address">The address of the server: <c>http://host:port</c> in clear text, <c>https://host:port</c> with TLS.</param>
    /// <param name="channelOptions">The options.</param>
    /// <exception cref="ArgumentException">The address is neither <c>http</c> nor <c>https</c>.</exception>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions) => ForAddress(new Uri(address), channelOptions);

    /// <summary>Makes a channel. No connection is made before the first call.</summary>
    /// <param name="address">The address of the server: <c>http://host:port</c> in clear text, <c>https://host:port</c> with TLS.</param>
    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>Makes a channel. No connection is made before the first call.</summary>
    /// <param name="address">The address of the server: <c>http://host:port</c> in clear text, <c>https://host:port</c> with TLS.</param>
    /// <param name="channelOptions">The options.</param>
    /// <exception cref="ArgumentException">The address is neither <c>http</c> nor <c>https</c>.</exception>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new ArgumentException($"The address '{address}' is neither http:// nor https://.", nameof(address));
        }

        return new GrpcChannel(address, channelOptions);
    }

    /// <inheritdoc/>
    public override CallInvoker CreateCallInvoker()
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        return new HttpCallInvoker(this);
    }

    /// <summary>Cancels all calls and closes the connections.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            // The source is left undisposed: calls that end now still look at its token.
            try
            {
                _disposal.Cancel();
            }
            finally
            {
                _http.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }
}
