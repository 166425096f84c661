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

    /// <summary>The time, for deadlines.</summary>
    internal TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
