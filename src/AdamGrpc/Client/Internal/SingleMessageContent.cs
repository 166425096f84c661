using System.Net;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// A request stream of one message, which is serialized already. Prefix and payload leave in one write. The buffer goes back to its
/// pool when nobody sends it and nobody will.
/// </summary>
internal sealed class SingleMessageContent(PooledMessageBuffer message) : RequestContent
{
    private readonly Lock _lock = new();
    private int _senders;
    private bool _isRetired;

    public override void Retire()
    {
        lock (_lock)
        {
            _isRetired = true;
            ReleaseWhenUnused();
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Begin();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isRetired, this);
            _senders++;
        }

        try
        {
            await stream.WriteAsync(message.Frame(), cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                _senders--;
                ReleaseWhenUnused();
            }
        }
    }

    private void ReleaseWhenUnused()
    {
        if (_isRetired && _senders == 0)
        {
            message.Release();
        }
    }
}
