using System.Security.Cryptography.X509Certificates;

namespace Adam.Client;

/// <summary>How an <see cref="AdamClient"/> reaches the service. Changes after the client was made have no effect.</summary>
public sealed class AdamClientOptions
{
    /// <summary>
    /// <c>http://host:port</c> for clear text (HTTP/2 without upgrade), <c>https://host:port</c> for TLS, <c>unix:///path/to.sock</c> for a
    /// Unix domain socket (clear text; the path is absolute and of at most 107 bytes). Required. Default: null.
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
    /// How long a call without a stream may take, and how long opening a session may take; above zero. Steps, reads, writes,
    /// checkpoints and forks last as long as their cancellation tokens let them; deleting and listing checkpoints do not. Null: no limit. Default: 30 seconds.
    /// </summary>
    public TimeSpan? CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The largest message that is accepted, in bytes; above the service's largest chunk, at least 65,536. Null: no limit.
    /// Default: 4 MiB.
    /// </summary>
    public int? MaxReceiveMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// The handler that carries the calls, for what these options do not have. Whoever makes it disposes it, after the client. It brings its
    /// own way to connect and its own certificates: an address of <c>unix://</c>, <see cref="TrustedCertificates"/> and
    /// <see cref="ClientCertificate"/> do not go with it. Null: the client has one of its own, which gives a connection 20 seconds to be
    /// made, asks a silent one with calls on it for a sign of life after 30 seconds, gives it up after another 20, and opens a further one
    /// when the service lets no more calls onto the first. Default: null.
    /// </summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>
    /// The authorities of which one has to stand behind the certificate of a service with TLS, instead of those that the machine trusts. A
    /// self-signed certificate is an authority of its own. Its name has to match the address in any case. Revocation is not looked up.
    /// Null: those that the machine trusts. Default: null.
    /// </summary>
    public IReadOnlyList<X509Certificate2>? TrustedCertificates { get; set; }

    /// <summary>
    /// The certificate, with its private key, that the client shows to a service that asks for one (mutual TLS). Whoever makes it disposes
    /// it, after the client. Null: none. Default: null.
    /// </summary>
    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>
    /// Sent with every call as <c>authorization: Bearer …</c>; letters, digits and <c>-._~+/=</c>. Needs <c>https</c>, <c>unix</c> or an
    /// address of this machine, unless <see cref="AllowCredentialsInClearText"/>. Null: none. Default: null.
    /// </summary>
    public string? BearerToken { get; set; }

    /// <summary>
    /// Asked for every attempt of every call: headers to send with it, for example a token that has to be renewed. Keys are lower-case
    /// letters, digits and <c>-_.</c>, values printable ASCII. What it throws ends the call with an <see cref="AdamException"/>. The same
    /// addresses as with <see cref="BearerToken"/>. Null: none. Default: null.
    /// </summary>
    public Func<CancellationToken, Task<IReadOnlyDictionary<string, string>>>? CallHeaders { get; set; }

    /// <summary>
    /// Whether <see cref="BearerToken"/> and <see cref="CallHeaders"/> may go to another machine over <c>http</c>, where anybody on the way
    /// can read them; for networks that encrypt by themselves. Default: false.
    /// </summary>
    public bool AllowCredentialsInClearText { get; set; }

    /// <summary>
    /// How often a call is tried while the service is unavailable, the first time included; 1 to 10. Only calls that may be made twice are
    /// tried again: making, getting, listing and opening sessions, reading tensors, asking for the result of a batch, saving, listing, verifying
    /// and exporting checkpoints. Between attempts lies a random
    /// pause of up to 0.2, 0.6, 1.8 and then 5 seconds; <see cref="CallTimeout"/> covers them all. 1: nothing is tried again. What an open session does when
    /// its connection breaks is <see cref="OpenOptions.ReconnectTimeout"/>. Default: 5.
    /// </summary>
    public int CallAttempts { get; set; } = 5;

    /// <summary>
    /// Whether a call that finds no service waits until one accepts its connection, as long as <see cref="CallTimeout"/> or its cancellation
    /// token lets it; for trainers that start together with the service. It applies to all calls, since nothing was sent yet.
    /// Default: false.
    /// </summary>
    public bool WaitForService { get; set; }

    /// <summary>What pauses between attempts to open a session go by.</summary>
    internal TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>The same options with another address.</summary>
    internal AdamClientOptions At(Uri address)
    {
        var copy = (AdamClientOptions)MemberwiseClone();
        copy.Address = address;
        return copy;
    }
}
