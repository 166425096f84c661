using System.Buffers.Binary;
using System.Net.Sockets;

namespace Adam.Client.Tests.Support;

/// <summary>One connection through a <see cref="CuttingProxy"/>: HTTP/2 frames, both ways.</summary>
internal sealed class ProxiedConnection(CuttingProxy proxy, Socket client, Uri target) : IDisposable
{
    private const int PrefaceBytes = 24;
    private const int HeaderBytes = 9;
    private const int DataFrame = 0;

    private readonly Socket _service = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public void Start() => _ = RunAsync();

    /// <summary>Ends both sides.</summary>
    public void End(bool abrupt)
    {
        foreach (var socket in new[] { client, _service })
        {
            try
            {
                if (abrupt)
                {
                    socket.LingerState = new LingerOption(true, 0);
                }

                socket.Dispose();
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // It was gone already.
            }
        }
    }

    public void Dispose() => End(abrupt: false);

    private async Task RunAsync()
    {
        try
        {
            client.NoDelay = true;
            await _service.ConnectAsync(target.Host, target.Port);
            await Task.WhenAny(RelayAsync(client, _service, isReply: false), RelayAsync(_service, client, isReply: true));
        }
        catch (SocketException)
        {
            // There is no service.
        }

        Dispose();
    }

    private async Task RelayAsync(Socket from, Socket to, bool isReply)
    {
        try
        {
            var buffer = new byte[1 << 16];
            if (!isReply)
            {
                await CopyAsync(from, to, PrefaceBytes, buffer);
            }

            while (true)
            {
                await ReadAsync(from, buffer.AsMemory(0, HeaderBytes));
                var length = (int)(BinaryPrimitives.ReadUInt32BigEndian(buffer) >> 8);
                var isData = buffer[3] == DataFrame;
                if (isData && length > 0 && await IsCutAsync(from, to, isReply, length, buffer))
                {
                    proxy.Make();
                    return;
                }

                if (!isData || length == 0)
                {
                    await WriteAsync(to, buffer.AsMemory(0, HeaderBytes));
                    await CopyAsync(from, to, length, buffer);
                }
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or EndOfStreamException)
        {
            // One side has gone, or was cut.
        }
    }

    // The header is in the buffer; the frame goes out whole, or as much of it as may pass.
    private async Task<bool> IsCutAsync(Socket from, Socket to, bool isReply, int length, byte[] buffer)
    {
        var passing = proxy.Pass(isReply, length);
        if (passing == 0)
        {
            return true;
        }

        await WriteAsync(to, buffer.AsMemory(0, HeaderBytes));
        await CopyAsync(from, to, passing, buffer);
        return passing < length;
    }

    private static async Task CopyAsync(Socket from, Socket to, int count, byte[] buffer)
    {
        for (var left = count; left > 0;)
        {
            var piece = buffer.AsMemory(0, Math.Min(left, buffer.Length));
            await ReadAsync(from, piece);
            await WriteAsync(to, piece);
            left -= piece.Length;
        }
    }

    private static async Task ReadAsync(Socket from, Memory<byte> room)
    {
        for (var done = 0; done < room.Length;)
        {
            var count = await from.ReceiveAsync(room[done..]);
            done += count > 0 ? count : throw new EndOfStreamException();
        }
    }

    private static async Task WriteAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        for (var done = 0; done < bytes.Length;)
        {
            done += await to.SendAsync(bytes[done..]);
        }
    }
}
