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

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _stream.TrySetResult(stream);
        return _completion.Task.WaitAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
