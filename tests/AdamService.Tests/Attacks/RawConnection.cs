using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Adam.Service.Tests.Attacks;

/// <summary>A client that sends whatever bytes it is told to.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    // What never ends fails instead of hanging.
    private static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(20);

    private readonly Stream _stream;
    private readonly Channel<ReceivedFrame> _received = Channel.CreateUnbounded<ReceivedFrame>();
    private readonly Task<ConnectionEnd> _reading;
    private int _pings;

    private RawConnection(Stream stream, bool reads)
    {
        _stream = stream;
        _reading = reads ? Task.Run(ReadAsync) : new TaskCompletionSource<ConnectionEnd>().Task;
    }

    /// <summary>Whether the service has ended the connection.</summary>
    public bool HasEnded => _reading.IsCompleted;

    /// <summary>Connects, and sends nothing.</summary>
    public static async Task<RawConnection> ConnectAsync(string url, bool reads = true)
    {
        var address = new Uri(url);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(address.Host), address.Port);
            return new RawConnection(await EncryptAsync(address, new NetworkStream(socket, ownsSocket: true)), reads);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            // It was taken and closed at once.
            socket.Dispose();
            return new RawConnection(Stream.Null, reads);
        }
    }

    /// <summary>Connects, and says that it speaks HTTP/2.</summary>
    /// <param name="url">The service.</param>
    /// <param name="windowBytes">What the service may send on a stream ahead of its reader.</param>
    /// <param name="reads">Whether it reads what comes.</param>
    public static async Task<RawConnection> OpenAsync(string url, uint windowBytes = 65535, bool reads = true)
    {
        var connection = await ConnectAsync(url, reads);
        await connection.SendAsync(Frames.Preface, Frames.Setting(Frames.HeaderTableSize, 0), Frames.Setting(Frames.InitialWindowSize, windowBytes));
        return connection;
    }

    /// <summary>Sends bytes.</summary>
    /// <returns>False when the connection has ended.</returns>
    public async Task<bool> SendAsync(params byte[][] pieces)
    {
        try
        {
            foreach (var piece in pieces)
            {
                await _stream.WriteAsync(piece).AsTask().WaitAsync(GiveUp);
            }

            return !HasEnded;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Sends frames until the connection ends.</summary>
    /// <param name="frames">The next frames, for the number of those before.</param>
    /// <param name="perTurn">How many that are.</param>
    /// <param name="framesMax">When to stop.</param>
    /// <param name="paced">Whether to wait after each turn until the service has read it, which a PING tells.</param>
    /// <returns>How many were sent.</returns>
    public async Task<int> FloodAsync(Func<int, byte[]> frames, int perTurn, int framesMax, bool paced)
    {
        var sent = 0;
        while (sent < framesMax && await SendAsync(frames(sent)))
        {
            sent += perTurn;
            if (paced && !await PingAsync())
            {
                break;
            }
        }

        return sent;
    }

    /// <summary>Waits until the service has read everything so far.</summary>
    /// <returns>False when the connection has ended.</returns>
    public async Task<bool> PingAsync()
    {
        // The answers of others' PINGs have other contents.
        byte[] mark = [.. "pace"u8, .. BitConverter.GetBytes(++_pings)];
        return await SendAsync(Frames.Of(Frames.PingType, 0, 0, mark))
            && await TryReceiveAsync(frame => frame.Type == Frames.PingType && frame.Payload.AsSpan().SequenceEqual(mark)) is not null;
    }

    /// <summary>Skips frames until one is as wanted.</summary>
    public async Task<ReceivedFrame> ReceiveAsync(Func<ReceivedFrame, bool> isWanted) =>
        await TryReceiveAsync(isWanted) ?? throw new InvalidOperationException($"The connection ended before: {await _reading}.");

    /// <summary>Waits until the service ends the connection.</summary>
    public Task<ConnectionEnd> WaitForEndAsync() => _reading.WaitAsync(GiveUp);

    public async ValueTask DisposeAsync() => await _stream.DisposeAsync();

    // An attacker believes any certificate.
    private static async Task<Stream> EncryptAsync(Uri address, NetworkStream network)
    {
        if (address.Scheme != Uri.UriSchemeHttps)
        {
            return network;
        }

        var encrypted = new SslStream(network);
        await encrypted.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        });
        return encrypted;
    }

    private async Task<ConnectionEnd> ReadAsync()
    {
        var end = ConnectionEnd.Closed;
        try
        {
            var header = new byte[9];
            while (true)
            {
                await _stream.ReadExactlyAsync(header);
                var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header) >>> 8];
                await _stream.ReadExactlyAsync(payload);
                var frame = new ReceivedFrame(header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)), payload);
                if (frame.Type == Frames.GoAwayType)
                {
                    end = ConnectionEnd.WentAway(frame.Code);
                }

                _received.Writer.TryWrite(frame);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            _received.Writer.TryComplete();
            return end;
        }
    }

    private async Task<ReceivedFrame?> TryReceiveAsync(Func<ReceivedFrame, bool> isWanted)
    {
        using var giveUp = new CancellationTokenSource(GiveUp);
        await foreach (var frame in _received.Reader.ReadAllAsync(giveUp.Token))
        {
            if (isWanted(frame))
            {
                return frame;
            }
        }

        return null;
    }
}
