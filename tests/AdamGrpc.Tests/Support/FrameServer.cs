using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace AdamGrpc.Tests.Support;

/// <summary>A server that speaks HTTP/2 just well enough to answer requests with frames that no real server would send on demand.</summary>
public sealed class FrameServer : IAsyncDisposable
{
    public const byte GoAway = 7;

    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;
    private const byte Acknowledged = 1;
    private const byte EndStream = 1;
    private const int PrefaceBytes = 24;
    private const int FrameHeaderBytes = 9;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<FrameServer, NetworkStream, int, Task> _answer;
    private readonly Task _accepting;
    private int _requests;

    /// <param name="answer">What to do with each request that has ended: its connection, and how many requests came before.</param>
    public FrameServer(Func<FrameServer, NetworkStream, int, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    public async Task SendAsync(NetworkStream stream, byte type, byte flags, int streamId, byte[] payload)
    {
        byte[] frame = new byte[FrameHeaderBytes + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), streamId);
        payload.CopyTo(frame, FrameHeaderBytes);
        await stream.WriteAsync(frame, _stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient owned = client;
        NetworkStream stream = client.GetStream();
        try
        {
            await stream.ReadExactlyAsync(new byte[PrefaceBytes], _stop.Token);
            await SendAsync(stream, Settings, 0, 0, []);
            byte[] header = new byte[FrameHeaderBytes];
            while (true)
            {
                await stream.ReadExactlyAsync(header, _stop.Token);
                await stream.ReadExactlyAsync(new byte[BinaryPrimitives.ReadInt32BigEndian(header) >> 8], _stop.Token);
                (byte type, byte flags) = (header[3], header[4]);
                if (type == Settings && (flags & Acknowledged) == 0)
                {
                    await SendAsync(stream, Settings, Acknowledged, 0, []);
                }
                else if (type is Data or Headers && (flags & EndStream) != 0)
                {
                    await _answer(this, stream, _requests++);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The connection or the test has ended.
        }
    }
}
