namespace Adam.Service.Configuration;

/// <summary>gRPC-Web: calls from pages in browsers. Section <c>GrpcWeb</c>.</summary>
internal sealed class GrpcWebEndpointOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "GrpcWeb";

    /// <summary>The origin that stands for all.</summary>
    public const string AnyOrigin = "*";

    /// <summary>Whether it is served at all. Default false.</summary>
    public bool Enabled { get; set; }

    /// <summary>
    /// Where: <c>https://host:port</c> for HTTP/1.1 and HTTP/2, <c>http://host:port</c> for HTTP/1.1. Null or empty: on
    /// <see cref="ServerOptions.GrpcUrl"/>, which must be <c>https://</c> then, because cleartext is either of one version or of the other.
    /// Default null.
    /// </summary>
    public string? Url { get; set; }

    /// <summary>
    /// The origins of the pages that may call, <c>https://host</c> or <c>https://host:port</c>; <c>*</c> alone for all of them. Empty: only pages
    /// that come from the same origin, through a proxy. Default empty.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>How long a browser may remember that it may call, in seconds, 0 to 86,400. Default 600.</summary>
    public int PreflightSeconds { get; set; } = 600;
}
