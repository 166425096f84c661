using System.Buffers.Binary;
using Adam.Service.Tests.Attacks;

namespace Adam.Bench.LoadBench.Attacks;

/// <summary>What clients have sent. Several connections count at the same time.</summary>
internal sealed class Tally
{
    private const int FrameHeaderBytes = 9;

    private long _connections;
    private long _streams;
    private long _frames;
    private long _bytes;

    /// <summary>Counts a connection.</summary>
    public void AddConnection() => Interlocked.Increment(ref _connections);

    /// <summary>Counts whole frames.</summary>
    /// <returns>The same frames.</returns>
    public byte[] Add(byte[] frames)
    {
        var rest = frames.AsSpan();
        while (rest.Length >= FrameHeaderBytes)
        {
            Interlocked.Increment(ref _frames);
            if (rest[3] == Frames.HeadersType)
            {
                Interlocked.Increment(ref _streams);
            }

            rest = rest[(FrameHeaderBytes + (int)(BinaryPrimitives.ReadUInt32BigEndian(rest) >> 8))..];
        }

        Interlocked.Add(ref _bytes, frames.Length);
        return frames;
    }

    /// <summary>Counts bytes that are no frames.</summary>
    /// <returns>The same bytes.</returns>
    public byte[] AddBytes(byte[] bytes)
    {
        Interlocked.Add(ref _bytes, bytes.Length);
        return bytes;
    }

    /// <summary>What was counted so far.</summary>
    public Traffic Total() => new(
        Interlocked.Read(ref _connections), Interlocked.Read(ref _streams), Interlocked.Read(ref _frames), Interlocked.Read(ref _bytes));
}
