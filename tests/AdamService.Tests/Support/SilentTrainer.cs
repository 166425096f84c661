using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Adam.Service.Tests.Attacks;
using Adam.V1;

namespace Adam.Service.Tests.Support;

/// <summary>
/// A trainer on a socket of its own that sends ready-made messages and counts the answers. It leaves nothing for the collector, so that what a process
/// allocates meanwhile is the service's. Every call blocks its thread.
/// </summary>
internal sealed class SilentTrainer : IDisposable
{
    private const int CallStream = 1;
    private const int FrameBytesMax = 16384;
    private const int FrameHeaderBytes = 9;
    private const int PrefixBytes = 5;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _header = new byte[FrameHeaderBytes];

    // Frames go out many at a time, as those of other clients do: each time that the service wakes for some bytes costs it something.
    private readonly byte[] _outgoing = new byte[32 * (FrameHeaderBytes + FrameBytesMax)];
    private readonly byte[] _received = new byte[1 << 16];
    private readonly byte[] _prefix = new byte[PrefixBytes];
    private long _connectionWindow = ushort.MaxValue;
    private long _callWindow = ushort.MaxValue;
    private long _callWindowBegan = ushort.MaxValue;
    private int _outgoingCount;
    private int _answers;
    private int _prefixCount;
    private long _messageLeft;

    /// <summary>Connects and opens a Train stream.</summary>
    /// <param name="url">The service.</param>
    /// <param name="open">The first message.</param>
    public SilentTrainer(string url, TrainOpen open)
    {
        var address = new Uri(url);
        _socket.Connect(IPAddress.Parse(address.Host), address.Port);
        _socket.Send(Frames.Preface);
        _socket.Send(Frames.Setting(Frames.HeaderTableSize, 0));
        _socket.Send(Frames.WindowUpdate(0, 1 << 20));
        _socket.Send(Frames.Headers(CallStream, Paths.Train));
        Send(Frames.Prefixed(new TrainRequest { Open = open }));
        AwaitAnswers(1);
    }

    /// <summary>Sends a message with its prefix.</summary>
    public void Send(ReadOnlySpan<byte> message)
    {
        while (message.Length > 0)
        {
            var piece = message[..Math.Min(message.Length, FrameBytesMax)];
            while (Math.Min(_connectionWindow, _callWindow) < piece.Length)
            {
                Flush();
                ReadFrame();
            }

            if (_outgoing.Length - _outgoingCount < FrameHeaderBytes + piece.Length)
            {
                Flush();
            }

            var frame = _outgoing.AsSpan(_outgoingCount);
            BinaryPrimitives.WriteInt32BigEndian(frame, piece.Length << 8);
            (frame[3], frame[4]) = (Frames.Data, 0);
            BinaryPrimitives.WriteInt32BigEndian(frame[5..], CallStream);
            piece.CopyTo(frame[FrameHeaderBytes..]);
            _outgoingCount += FrameHeaderBytes + piece.Length;
            (_connectionWindow, _callWindow) = (_connectionWindow - piece.Length, _callWindow - piece.Length);
            message = message[piece.Length..];
        }
    }

    /// <summary>Waits until so many answers have come since the last time.</summary>
    public void AwaitAnswers(int count)
    {
        Flush();
        while (_answers < count)
        {
            ReadFrame();
        }

        _answers -= count;
    }

    public void Dispose() => _socket.Dispose();

    private void Flush()
    {
        SendAll(_outgoing.AsSpan(0, _outgoingCount));
        _outgoingCount = 0;
    }

    private void ReadFrame()
    {
        ReceiveAll(_header);
        var length = BinaryPrimitives.ReadInt32BigEndian(_header) >>> 8;
        var payload = _received.AsSpan(0, length);
        ReceiveAll(payload);
        switch (_header[3])
        {
            case Frames.Data:
                CountMessages(payload);
                break;
            case Frames.WindowUpdateType:
                var increment = BinaryPrimitives.ReadInt32BigEndian(payload);
                var isConnection = BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(5)) == 0;
                _connectionWindow += isConnection ? increment : 0;
                _callWindow += isConnection ? 0 : increment;
                break;
            case Frames.SettingsType when _header[4] == 0:
                ReadSettings(payload);
                break;
            case Frames.HeadersType when (_header[4] & Frames.EndStream) != 0:
            case Frames.RstStreamType:
            case Frames.GoAwayType:
                throw new InvalidOperationException("The service has ended the call.");
        }
    }

    private void ReadSettings(ReadOnlySpan<byte> settings)
    {
        for (; settings.Length > 0; settings = settings[6..])
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(settings) == Frames.InitialWindowSize)
            {
                var window = BinaryPrimitives.ReadUInt32BigEndian(settings[2..]);
                (_callWindow, _callWindowBegan) = (_callWindow + window - _callWindowBegan, window);
            }
        }

        SendAll(Frames.Of(Frames.SettingsType, Frames.Ack, 0));
    }

    // Messages may be cut anywhere.
    private void CountMessages(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            if (_prefixCount < PrefixBytes)
            {
                _prefix[_prefixCount++] = data[0];
                data = data[1..];
                _messageLeft = _prefixCount == PrefixBytes ? BinaryPrimitives.ReadUInt32BigEndian(_prefix.AsSpan(1)) : 0;
            }
            else
            {
                var piece = (int)Math.Min(data.Length, _messageLeft);
                data = data[piece..];
                _messageLeft -= piece;
            }

            if (_prefixCount == PrefixBytes && _messageLeft == 0)
            {
                (_prefixCount, _answers) = (0, _answers + 1);
            }
        }
    }

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    private void ReceiveAll(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var received = _socket.Receive(bytes);
            bytes = received > 0 ? bytes[received..] : throw new InvalidOperationException("The service has closed the connection.");
        }
    }
}
