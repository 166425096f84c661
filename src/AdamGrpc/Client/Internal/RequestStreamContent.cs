using System.Net;

namespace Grpc.Net.Client.Internal;

/// <summary>A request stream that stays open until its writer completes it.</summary>
internal sealed class RequestStreamContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The stream, once the handler has sent the headers.</summary>
    public Task<Stream> Stream => _stream.Task;

    /// <summary>Says that nothing more will be written.</summary>
    public void Complete() => _completion.TrySetResult();

    /// <summary>Breaks the stream off, unless it is complete.</summary>
    public void Abandon() => _completion.TrySetCanceled();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The handler keeps the headers back for the first bytes of the body, and here these may wait for an answer of the server.
        await stream.FlushAsync(cancellationToken);
        _stream.TrySetResult(stream);
        await _completion.Task.WaitAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
