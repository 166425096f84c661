using System.Net.Sockets;
using System.Text;
using Adam.Service.Configuration;
using Adam.Service.SharedMemory;
using Adam.Service.SharedMemory.Native;
using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace Adam.Service.Hosting;

/// <summary>
/// The Unix domain socket at which clients exchange a token for the descriptors of shared memory. A connection is one exchange and has
/// little time for it, and there are few at a time.
/// </summary>
internal sealed class DescriptorHandover(
    IOptions<SharedMemoryOptions> options, Handovers handovers, TimeProvider time, ILogger<DescriptorHandover> logger) : IHostedService, IDisposable
{
    private const int UidBytes = 16;
    private const byte Accepted = 0;
    private const byte Refused = 1;
    private const int ConnectionsMax = 32;

    private static readonly TimeSpan ExchangeMax = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _room = new(ConnectionsMax);
    private Socket? _socket;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Listens, if there is a path. A path that cannot be listened on ends the start.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value is { Enabled: true, SocketPath: { Length: > 0 } path } && SocketMode.TryParse(options.Value.SocketMode, out var mode))
        {
            _socket = UnixSocketFile.Bind(new UnixDomainSocketEndPoint(path), mode);
            _socket.Listen(ConnectionsMax);
            _accepting = AcceptAsync(_socket, _stopping.Token);
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _accepting;
        _socket?.Dispose();
        _socket = null;
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _stopping.Dispose();
        _room.Dispose();
    }

    private async Task AcceptAsync(Socket listener, CancellationToken cancellationToken)
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                await _room.WaitAsync(cancellationToken);
                var socket = await listener.AcceptAsync(cancellationToken);
                running.RemoveAll(static exchange => exchange.IsCompleted);
                running.Add(ExchangeAsync(socket, cancellationToken));
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
        catch (SocketException broken)
        {
            HandoverLog.Ended(logger, broken);
        }

        await Task.WhenAll(running);
    }

    private async Task ExchangeAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(ExchangeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using (socket)
            {
                var request = new byte[Handovers.TokenBytes + UidBytes];
                if (await ReceiveAsync(socket, request, either.Token))
                {
                    await AnswerAsync(socket, request, either.Token);
                }
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or SocketException or IOException)
        {
            HandoverLog.Failed(logger, gone.Message);
        }
        finally
        {
            _room.Release();
        }
    }

    private static async Task<bool> ReceiveAsync(Socket socket, Memory<byte> request, CancellationToken cancellationToken)
    {
        while (!request.IsEmpty)
        {
            var received = await socket.ReceiveAsync(request, cancellationToken);
            if (received == 0)
            {
                return false;
            }

            request = request[received..];
        }

        return true;
    }

    private async Task AnswerAsync(Socket socket, byte[] request, CancellationToken cancellationToken)
    {
        var token = ByteString.CopyFrom(request, 0, Handovers.TokenBytes);
        var sessionUid = ByteString.CopyFrom(request, Handovers.TokenBytes, UidBytes);
        if (handovers.Redeem(token, sessionUid) is { } found)
        {
            try
            {
                DescriptorMessage.Send(socket, Accepted, found.Gradients.Region.File, found.Weights.Region.File);
                return;
            }
            catch (ObjectDisposedException)
            {
                // The stream or the session has just ended.
            }
        }

        const string Refusal = "This token is good for nothing: it was used, has expired, belongs to another session, or its Train stream has ended. "
            + "Get another one from OpenSharedMemory.";
        byte[] answer = [Refused, .. Encoding.UTF8.GetBytes(Refusal)];
        await socket.SendAsync(answer, cancellationToken);
    }
}
