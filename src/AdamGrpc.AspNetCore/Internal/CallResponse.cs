using System.Globalization;
using Grpc.Core;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// The HTTP side of the end of a call: where status and trailers go, and how a stream is cut that cannot be ended in order.
/// </summary>
internal static class CallResponse
{
    /// <summary>HTTP/2: the sender of the reset is at fault.</summary>
    public const int InternalError = 2;

    /// <summary>HTTP/2: the stream is no longer needed.</summary>
    public const int Cancel = 8;

    private static readonly Status UnsendableTrailers =
        new(StatusCode.Internal, "The trailers of the call contain characters that cannot be sent.");

    /// <summary>
    /// Puts status and trailers where the client will look for them: in the headers when nothing else was sent ("trailers-only"), otherwise
    /// in the trailers.
    /// </summary>
    public static void SetStatus(HttpContext httpContext, Status status, Metadata? trailers, bool bodyStarted, ILogger logger)
    {
        HttpResponse response = httpContext.Response;
        IHeaderDictionary target = bodyStarted || response.HasStarted
            ? httpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers
                ?? throw new InvalidOperationException("The response cannot carry trailers.")
            : response.Headers;
        try
        {
            Add(target, trailers);
        }
        catch (InvalidOperationException exception)
        {
            GrpcServerLog.InvalidTrailers(logger, httpContext.Request.Path, exception);
            status = UnsendableTrailers;
        }

        target.GrpcStatus = ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture);
        if (status.Detail.Length > 0)
        {
            target.GrpcMessage = StatusMessageEncoding.Encode(status.Detail);
        }
    }

    /// <summary>Adds metadata to headers or trailers. Names of the protocol itself are left out.</summary>
    /// <exception cref="InvalidOperationException">A value contains characters that HTTP does not allow.</exception>
    public static void Add(IHeaderDictionary target, Metadata? metadata)
    {
        if (metadata is null)
        {
            return;
        }

        foreach (Metadata.Entry entry in metadata)
        {
            if (!GrpcProtocol.IsReserved(entry.Key))
            {
                target.Append(entry.Key, MetadataEncoding.ToHeaderValue(entry));
            }
        }
    }

    /// <summary>
    /// Names the codings that the server understands. Only where a coding is in play: in the answer to a client that names one, in a compressed answer, and when
    /// one is refused. Kestrel does not know the header, and a small call pays several percent of its time for it on either side.
    /// </summary>
    public static void NameCodings(HttpResponse response, MessageCodings codings)
    {
        if (!response.HasStarted)
        {
            response.Headers[GrpcProtocol.AcceptEncodingHeader] = codings.AcceptEncoding;
        }
    }

    /// <summary>Resets the stream.</summary>
    public static void Reset(HttpContext httpContext, int errorCode)
    {
        if (httpContext.Features.Get<IHttpResetFeature>() is { } reset)
        {
            reset.Reset(errorCode);
        }
        else
        {
            httpContext.Abort();
        }
    }
}
