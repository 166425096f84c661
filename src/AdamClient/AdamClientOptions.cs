namespace Adam.Client;

/// <summary>How an <see cref="AdamClient"/> reaches the service. Changes after the client was made have no effect.</summary>
public sealed class AdamClientOptions
{
    /// <summary>
    /// <c>http://host:port</c> for clear text (HTTP/2 without upgrade), <c>https://host:port</c> for TLS. Required. Default: null.
    /// </summary>
    public Uri? Address { get; set; }

    /// <summary>
    /// The name of this process in every session that it trains, <c>^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$</c>. Null: a random name that
    /// nobody else has. Default: null.
    /// </summary>
    /// <remarks>
    /// The service numbers batches by worker and remembers each worker's last results, which is how a batch is never applied twice. With
    /// null, a process that starts again is a new worker: it cannot ask whether the last batch of the process before was applied, and
    /// finds neither its <see cref="OptimizerSession.NextSequence"/> nor its <see cref="OptimizerSession.ClientCursor"/>. The session
    /// remembers the old worker all the same, and refuses a new one with <see cref="LimitExceededException"/> when it has too many (256
    /// unless the service is told otherwise). Give trainers that may start again stable names, one for each process that runs at a time,
    /// for example the rank.
    /// </remarks>
    public string? WorkerId { get; set; }

    /// <summary>
    /// How long a call without a stream may take, and how long opening a session may take; above zero. Steps, reads and writes last as
    /// long as their cancellation tokens let them. Null: no limit. Default: 30 seconds.
    /// </summary>
    public TimeSpan? CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The largest message that is accepted, in bytes; above the service's largest chunk, at least 65,536. Null: no limit.
    /// Default: 4 MiB.
    /// </summary>
    public int? MaxReceiveMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// The handler that carries the calls, for example a <see cref="SocketsHttpHandler"/> with client certificates or with a connect
    /// callback for a Unix domain socket. Whoever makes it disposes it, after the client. Null: the client has one of its own.
    /// Default: null.
    /// </summary>
    public HttpMessageHandler? HttpHandler { get; set; }
}
