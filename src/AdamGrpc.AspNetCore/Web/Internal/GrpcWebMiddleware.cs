using Grpc.Core.Internal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Web.Internal;

/// <summary>Makes a gRPC call of a gRPC-Web request, and gRPC-Web of its response.</summary>
internal sealed class GrpcWebMiddleware(RequestDelegate next, IOptions<GrpcWebOptions> options, ILogger<GrpcWebMiddleware> logger)
{
    /// <summary>Serves a request.</summary>
    public Task InvokeAsync(HttpContext httpContext)
    {
        HttpRequest request = httpContext.Request;
        if (!HttpMethods.IsPost(request.Method) || !GrpcWebMediaType.Is(request.ContentType, out bool isText))
        {
            return next(httpContext);
        }

        IGrpcWebEnabledMetadata? metadata = httpContext.GetEndpoint()?.Metadata.GetMetadata<IGrpcWebEnabledMetadata>();
        if (!(metadata?.GrpcWebEnabled ?? options.Value.DefaultEnabled))
        {
            GrpcWebLog.NotEnabled(logger, request.Path);
            return next(httpContext);
        }

        GrpcWebLog.Serving(logger, request.ContentType);
        return ServeAsync(httpContext, isText);
    }

    private async Task ServeAsync(HttpContext httpContext, bool isText)
    {
        IFeatureCollection features = httpContext.Features;
        IRequestBodyPipeFeature? requestBody = features.Get<IRequestBodyPipeFeature>();
        IHttpResponseBodyFeature responseBody = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        IHttpResponseTrailersFeature? trailers = features.Get<IHttpResponseTrailersFeature>();

        // The response may be text although the request is not: what decides is what the client accepts, if it says so.
        bool acceptsText = GrpcWebMediaType.Is(httpContext.Request.Headers.Accept, out bool isAcceptedText) && isAcceptedText;
        WebResponse response = new(httpContext, responseBody, acceptsText, logger);
        features.Set<IHttpResponseBodyFeature>(response);
        features.Set<IHttpResponseTrailersFeature>(response);
        if (isText)
        {
            features.Set<IRequestBodyPipeFeature>(new TextRequestBody(httpContext.Request.BodyReader));
        }

        Disguise(httpContext, isText, acceptsText);
        try
        {
            await next(httpContext);
            await response.CompleteAsync();
        }
        finally
        {
            features.Set(requestBody);
            features.Set(responseBody);
            features.Set(trailers);
        }
    }

    // A gRPC service accepts nothing but gRPC over HTTP/2.
    private static void Disguise(HttpContext httpContext, bool isText, bool acceptsText)
    {
        HttpRequest request = httpContext.Request;
        string protocol = request.Protocol;
        request.Protocol = HttpProtocol.Http2;
        request.ContentType = GrpcWebMediaType.ToGrpc(request.ContentType!, isText);
        httpContext.Response.OnStarting(() =>
        {
            // Kestrel frames the response by it.
            request.Protocol = protocol;
            if (GrpcProtocol.IsGrpcContentType(httpContext.Response.ContentType))
            {
                httpContext.Response.ContentType = GrpcWebMediaType.FromGrpc(httpContext.Response.ContentType!, acceptsText);
            }

            return Task.CompletedTask;
        });
    }

    private sealed class TextRequestBody(System.IO.Pipelines.PipeReader body) : IRequestBodyPipeFeature
    {
        public System.IO.Pipelines.PipeReader Reader { get; } = new Base64PipeReader(body);
    }
}
