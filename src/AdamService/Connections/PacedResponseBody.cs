using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Adam.Service.Connections;

/// <summary>The body of a response whose writer is watched.</summary>
internal sealed class PacedResponseBody(IHttpResponseBodyFeature body, PacedCall call) : IHttpResponseBodyFeature
{
    private readonly PacedResponseWriter _writer = new(body.Writer, call);

    public Stream Stream => body.Stream;

    public PipeWriter Writer => _writer;

    public Task StartAsync(CancellationToken cancellationToken = default) => body.StartAsync(cancellationToken);

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        body.SendFileAsync(path, offset, count, cancellationToken);

    public void DisableBuffering() => body.DisableBuffering();

    public Task CompleteAsync()
    {
        _writer.Offer();
        return body.CompleteAsync();
    }
}
