using System.Globalization;
using Grpc.Core;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>What is asked of a request before it counts as a gRPC call, and what is done to one that does.</summary>
internal static class GrpcRequestCheck
{
    /// <summary>
    /// Refuses a request that is no gRPC call with an HTTP status, since its sender may not understand any other. The header <c>te</c>
    /// is not looked at: Kestrel refuses each value but <c>trailers</c>, and proxies are known to take that one away.
    /// </summary>
    public static bool TryAccept(HttpContext httpContext, ILogger logger)
    {
        string? contentType = httpContext.Request.ContentType;
        if (!GrpcProtocol.IsGrpcContentType(contentType))
        {
            GrpcServerLog.UnsupportedContentType(logger, contentType);
            Refuse(httpContext, StatusCodes.Status415UnsupportedMediaType, $"Content-Type '{contentType}' is not supported.");
            return false;
        }

        string protocol = httpContext.Request.Protocol;
        if (!HttpProtocol.IsHttp2(protocol) && !HttpProtocol.IsHttp3(protocol))
        {
            GrpcServerLog.UnsupportedProtocol(logger, protocol);
            Refuse(httpContext, StatusCodes.Status426UpgradeRequired, $"Request protocol '{protocol}' is not supported.");
            httpContext.Response.Headers.Upgrade = HttpProtocol.Http2;
            return false;
        }

        return true;
    }

    /// <summary>
    /// Lifts the limits of HTTP that make no sense for a stream: its length is open, its messages have a limit of their own, and a slow
    /// sender may be an idle one. The rate limit would abort the whole connection with all its calls.
    /// </summary>
    public static void LiftBodyLimits(HttpContext httpContext)
    {
        if (httpContext.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        if (httpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
    }

    private static void Refuse(HttpContext httpContext, int httpStatus, string detail)
    {
        httpContext.Response.StatusCode = httpStatus;
        httpContext.Response.Headers[GrpcProtocol.StatusTrailer] = ((int)StatusCode.Internal).ToString(CultureInfo.InvariantCulture);
        httpContext.Response.Headers[GrpcProtocol.MessageTrailer] = StatusMessageEncoding.Encode(detail);
    }
}
