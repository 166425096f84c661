using Adam.Service.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace Adam.Service.Connections;

/// <summary>Holds the clients of calls over HTTP/1.1 to the pace that <see cref="CallPaceMiddleware"/> sets over HTTP/2.</summary>
/// <remarks>Kestrel's own rates do it here: to end the connection is to end the one call on it.</remarks>
internal sealed class Http1PaceMiddleware(RequestDelegate next, IOptions<Http2Options> options)
{
    // Kestrel looks once a second and wants more than that.
    private static readonly TimeSpan GraceMin = TimeSpan.FromSeconds(1.1);

    private readonly MinDataRate _rate = RateOf(options.Value);

    /// <summary>Serves a request.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        // What speaks HTTP/2 has no such feature for its responses.
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } response
            && http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } request)
        {
            response.MinDataRate = _rate;
            request.MinDataRate = _rate;

            // gRPC lifts the rate of each request that it serves, for the sake of streams, which there are none of over HTTP/1.1.
            http.Features.Set<IHttpMinRequestBodyDataRateFeature>(null);
        }

        return next(http);
    }

    private static MinDataRate RateOf(Http2Options options)
    {
        var patience = TimeSpan.FromSeconds(options.CallIdleSeconds);
        return new MinDataRate(options.CallBytesMin / options.CallIdleSeconds, patience > GraceMin ? patience : GraceMin);
    }
}
