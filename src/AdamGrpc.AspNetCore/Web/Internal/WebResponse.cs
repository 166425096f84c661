using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Web.Internal;

/// <summary>The response of a gRPC-Web request: trailers are the last frame of its body, because browsers do not show those of HTTP.</summary>
internal sealed class WebResponse(HttpContext httpContext, IHttpResponseBodyFeature body, bool isText, ILogger logger)
    : IHttpResponseBodyFeature, IHttpResponseTrailersFeature
{
    private readonly Base64PipeWriter? _text = isText ? new Base64PipeWriter(body.Writer) : null;
    private int _isComplete;
    private Stream? _stream;

    public PipeWriter Writer => _text ?? body.Writer;

    public Stream Stream => _stream ??= Writer.AsStream(leaveOpen: true);

    public IHeaderDictionary Trailers { get; set; } = new HeaderDictionary();

    public Task StartAsync(CancellationToken cancellationToken = default) => body.StartAsync(cancellationToken);

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    public void DisableBuffering() => body.DisableBuffering();

    /// <summary>Ends the response. Without trailers, when the status is in the headers, nothing is added to the body.</summary>
    public Task CompleteAsync()
    {
        if (Interlocked.Exchange(ref _isComplete, 1) != 0)
        {
            return Task.CompletedTask;
        }

        if (Trailers.Count > 0 && !TrailerFrame.TryWrite(Trailers, Writer))
        {
            GrpcWebLog.InvalidTrailers(logger, httpContext.Request.Path);
            TrailerFrame.TryWrite(TrailerFrame.Unsendable, Writer);
        }

        _text?.EncodeAll();
        return body.CompleteAsync();
    }
}
