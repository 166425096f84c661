using Grpc.Core;
using Grpc.Net.Client.Configuration;
using Grpc.Net.Compression;

namespace Grpc.Net.Client;

/// <summary>Options of a <see cref="GrpcChannel"/>.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>The default of <see cref="MaxReceiveMessageSize"/>: 4 MiB.</summary>
    internal const int DefaultMaxReceiveMessageSize = 4 * 1024 * 1024;

    /// <summary>
    /// The largest response in bytes; a longer one ends the call with <see cref="Core.StatusCode.ResourceExhausted"/> before it is
    /// buffered, or while it is decompressed: what counts is its length before compression. Null is no limit. 4 MiB by default.
    /// </summary>
    public int? MaxReceiveMessageSize { get; set; } = DefaultMaxReceiveMessageSize;

    /// <summary>
    /// The largest request in bytes, before compression; a longer one fails with <see cref="Core.StatusCode.ResourceExhausted"/> and is not sent.
    /// Null is no limit. Null by default.
    /// </summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>
    /// The codings that servers may use for responses, and calls for requests: a call whose metadata has the entry
    /// <c>grpc-internal-encoding-request</c> with the name of one compresses its requests by it. Of several with one name the first
    /// counts. Null stands for gzip and deflate; an empty list for none. Null by default.
    /// </summary>
    public IList<ICompressionProvider>? CompressionProviders { get; set; }

    /// <summary>
    /// The handler that carries the calls, for example a <see cref="SocketsHttpHandler"/> with a connect callback. Null by default: the
    /// channel makes one of its own.
    /// </summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>
    /// Whether disposing the channel disposes <see cref="HttpHandler"/> as well. A handler of the channel's own always is. False by
    /// default.
    /// </summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>
    /// Whether a call that was cancelled, or whose deadline passed, throws <see cref="OperationCanceledException"/> instead of
    /// <see cref="Core.RpcException"/>. False by default.
    /// </summary>
    public bool ThrowOperationCanceledOnCancellation { get; set; }

    /// <summary>
    /// How safe the channel is, and who calls over it. Has to agree with the address: <see cref="ChannelCredentials.Insecure"/> with
    /// <c>http</c>, <see cref="ChannelCredentials.SecureSsl"/>, alone or with call credentials, with <c>https</c>. Null stands for what
    /// the address says, and nobody in particular. Null by default.
    /// </summary>
    public ChannelCredentials? Credentials { get; set; }

    /// <summary>
    /// Whether the credentials of calls are sent over clear text too, where anybody on the way can read them. Otherwise such a call ends
    /// with <see cref="StatusCode.Unauthenticated"/> and is not sent. False by default.
    /// </summary>
    public bool UnsafeUseInsecureChannelCallCredentials { get; set; }

    /// <summary>Which calls are repeated when they fail, and how. Null: none. Null by default.</summary>
    public ServiceConfig? ServiceConfig { get; set; }

    /// <summary>
    /// How often a call is tried at most, the first time included, whatever its <see cref="RetryPolicy"/> says. Null is no limit. 5 by
    /// default.
    /// </summary>
    public int? MaxRetryAttempts { get; set; } = 5;

    /// <summary>
    /// How many bytes of requests are kept at most, for all calls together, so that they can be repeated. A call whose request finds no
    /// room is not repeated any more. Null is no limit. 16 MiB by default.
    /// </summary>
    public long? MaxRetryBufferSize { get; set; } = 16 * 1024 * 1024;

    /// <summary>The same as <see cref="MaxRetryBufferSize"/>, for one call. Null is no limit. 1 MiB by default.</summary>
    public long? MaxRetryBufferPerCallSize { get; set; } = 1024 * 1024;

    /// <summary>
    /// How long a call that waits for a server pauses after its first attempt to connect, give or take a fifth. Each pause is 1.6 times
    /// as long as the one before. 1 second by default.
    /// </summary>
    public TimeSpan InitialReconnectBackoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>What the pause between attempts to connect grows to. Null is no limit. 2 minutes by default.</summary>
    public TimeSpan? MaxReconnectBackoff { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The time, for deadlines and pauses.</summary>
    internal TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Draws from 0 to 1, for the length of pauses.</summary>
    internal Func<double> NextRandom { get; set; } = Random.Shared.NextDouble;
}
