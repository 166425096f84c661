using Grpc.Core;
using Grpc.Core.Internal;
using Grpc.Net.Client.Internal;
using Grpc.Net.Client.Internal.Retry;

namespace Grpc.Net.Client;

/// <summary>A way to a server over HTTP/2. Costly to make and meant to be shared: calls may be made from many threads.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    /// <summary>By how much the pauses between attempts to connect grow, and how far they stray.</summary>
    private const double ReconnectMultiplier = 1.6;
    private const double ReconnectJitter = 0.2;

    private readonly HttpMessageInvoker _http;
    private readonly TimeSpan _initialReconnectBackoff;
    private readonly TimeSpan? _maxReconnectBackoff;
    private readonly Func<double> _nextRandom;
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
        Methods = new MethodSettings(options.ServiceConfig, options.MaxRetryAttempts);
        RetryThrottle = options.ServiceConfig?.RetryThrottling is { } throttling ? new RetryThrottle(throttling) : null;
        RetryBuffer = new RetryBuffer(options.MaxRetryBufferSize, options.MaxRetryBufferPerCallSize);
        CallCredentials = FindCallCredentials(address, options.Credentials);
        TakesCallCredentials = address.Scheme == Uri.UriSchemeHttps || options.UnsafeUseInsecureChannelCallCredentials;
        _initialReconnectBackoff = options.InitialReconnectBackoff;
        _maxReconnectBackoff = options.MaxReconnectBackoff;
        _nextRandom = options.NextRandom;
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

    internal MethodSettings Methods { get; }

    /// <summary>Says when nothing is to be repeated; null when nothing says so.</summary>
    internal RetryThrottle? RetryThrottle { get; }

    internal RetryBuffer RetryBuffer { get; }

    /// <summary>What says who calls, in every call.</summary>
    internal IReadOnlyList<CallCredentials> CallCredentials { get; }

    /// <summary>Whether call credentials may be sent.</summary>
    internal bool TakesCallCredentials { get; }

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
    /// <exception cref="InvalidOperationException">The credentials do not fit the address, or the service configuration is wrong.</exception>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions) => ForAddress(new Uri(address), channelOptions);

    /// <summary>Makes a channel. No connection is made before the first call.</summary>
    /// <param name="address">The address of the server: <c>http://host:port</c> in clear text, <c>https://host:port</c> with TLS.</param>
    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>Makes a channel. No connection is made before the first call.</summary>
    /// <param name="address">The address of the server: <c>http://host:port</c> in clear text, <c>https://host:port</c> with TLS.</param>
    /// <param name="channelOptions">The options.</param>
    /// <exception cref="ArgumentException">The address is neither <c>http</c> nor <c>https</c>.</exception>
    /// <exception cref="InvalidOperationException">The credentials do not fit the address, or the service configuration is wrong.</exception>
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

    /// <summary>The pauses of a call that waits for a server.</summary>
    internal Backoff CreateReconnectBackoff() => new(
        _initialReconnectBackoff, _maxReconnectBackoff, ReconnectMultiplier, 1 - ReconnectJitter, 1 + ReconnectJitter, _nextRandom);

    /// <summary>The pauses of a call that is repeated.</summary>
    internal Backoff CreateRetryBackoff(RetrySettings retry) => new(
        retry.InitialBackoff, retry.MaxBackoff, retry.Multiplier, from: 0, to: 1, _nextRandom);

    /// <inheritdoc/>
    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }

    private static IReadOnlyList<CallCredentials> FindCallCredentials(Uri address, ChannelCredentials? credentials)
    {
        if (credentials is not null && credentials.IsSecure != (address.Scheme == Uri.UriSchemeHttps))
        {
            throw new InvalidOperationException(credentials.IsSecure
                ? $"The credentials of the channel stand for TLS, and the address '{address}' for clear text."
                : $"The credentials of the channel stand for clear text, and the address '{address}' for TLS.");
        }

        return credentials?.CallCredentials ?? [];
    }
}
