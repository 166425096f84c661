namespace Adam.Service.Configuration;

/// <summary>Where the service listens and how it is started and stopped. Section <c>Server</c>.</summary>
internal sealed class ServerOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "Server";

    /// <summary>
    /// Where gRPC is served over HTTP/2: <c>http://host:port</c> in cleartext, <c>https://host:port</c> with the certificate of
    /// <see cref="TlsOptions"/>, or <c>unix:/path</c> on a Unix domain socket. Port 0 lets the system pick one. Default: cleartext on
    /// loopback only.
    /// </summary>
    public string GrpcUrl { get; set; } = "http://127.0.0.1:50051";

    /// <summary>
    /// Whether cleartext may be spoken on an address that other machines can reach. It has no secrets and asks nobody who they are: only on
    /// a network that you trust. Default false.
    /// </summary>
    public bool AllowCleartext { get; set; }

    /// <summary>Who may use a Unix domain socket: the mode of its file, three octal digits. Default 600, its owner alone.</summary>
    public string SocketMode { get; set; } = "600";

    /// <summary>Where <c>/healthz</c> and <c>/readyz</c> are served over HTTP/1.1, <c>http://</c> or <c>https://</c>. Port 0 lets the system pick one.</summary>
    public string HttpUrl { get; set; } = "http://127.0.0.1:8080";

    /// <summary>
    /// A file that is written once the service listens: <c>{"grpc":"http://…","http":"http://…","pid":…}</c>, complete or not at
    /// all; <c>grpcWeb</c> is there too where gRPC-Web has an address of its own. Null or empty: none.
    /// </summary>
    public string? AddressFile { get; set; }

    /// <summary>True stops the service when its standard input ends, so that it cannot outlive the process that started it.</summary>
    public bool StopWithStdin { get; set; }

    /// <summary>Whether the reflection service answers. Default true, because the default endpoint is loopback only.</summary>
    public bool Reflection { get; set; } = true;

    /// <summary>
    /// On how many threads a large step runs, its caller's included, 1 to 1024. 0: one for each processor. Default 0. Results do not
    /// depend on it.
    /// </summary>
    public int StepThreads { get; set; }

    /// <summary>
    /// How long a stop waits for calls that are running, in seconds, 0 to 600; those that are left are ended with UNAVAILABLE, and a
    /// second later their connections are cut. Default 10.
    /// </summary>
    public double DrainSeconds { get; set; } = 10;
}
