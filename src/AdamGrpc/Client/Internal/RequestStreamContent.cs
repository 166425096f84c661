using System.Net;

namespace Grpc.Net.Client.Internal;

/// <summary>A request stream that stays open until its writer completes it.</summary>
internal sealed class RequestStreamContent : RequestContent
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The stream, once the handler has sent the headers.</summary>
    public Task<Stream> Stream => _stream.Task;

    /// <summary>Says that nothing more will be written.</summary>
    public void Complete() => _completion.TrySetResult();

    public override void Abandon() => _completion.TrySetCanceled();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Begin();
        ThrowIf(_stream.Task.IsCompleted);

        // The handler keeps the headers back for the first bytes of the body, and here these may wait for an answer of the server.
        await stream.FlushAsync(cancellationToken);
        ThrowIf(!_stream.TrySetResult(stream));
        await _completion.Task.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Refuses to be sent again, which the handler tries by itself when a server refuses the stream or goes away. The messages left with
    /// the first stream and nobody kept them: the server would see an empty request, and might take it for a whole one.
    /// </summary>
    private static void ThrowIf(bool isSentAlready)
    {
        if (isSentAlready)
        {
            throw new HttpRequestException("A request stream cannot be sent twice.");
        }
    }
}
