using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;

namespace Adam.Service.Tests.Storage.Log;

/// <summary>A record whose content follows from its id and lengths, which its head says.</summary>
internal sealed class TestRecord
{
    private const int FixedHeadBytes = 8;

    // An entry has only the address of its payload, and tests keep the entry alone.
    private static readonly ConcurrentBag<byte[]> Payloads = [];

    public TestRecord(int id, int headBytes = 20, int payloadBytes = 100, ulong session = 0)
    {
        Id = id;
        var payload = GC.AllocateArray<byte>(payloadBytes + 1, pinned: true);
        PayloadOf(id, payloadBytes).CopyTo(payload, 0);
        Payloads.Add(payload);
        var address = Marshal.UnsafeAddrOfPinnedArrayElement(payload, 0);
        var half = payloadBytes / 2;
        Entry = new LogEntry
        {
            SessionUid = session == 0 ? (ulong)(1 + (id % 3)) : session,
            Head = HeadOf(id, headBytes, payloadBytes),
            Payload = new NativePiece[] { new(address, half), new(address + half, 0), new(address + half, payloadBytes - half) },
        };
    }

    public int Id { get; }

    public LogEntry Entry { get; }

    /// <summary>Reads a record and fails unless every byte of it is right.</summary>
    /// <returns>Its id.</returns>
    public static unsafe int Check(LogReader reader, in LogRecord record)
    {
        var head = reader.ReadHead(record);
        var id = BinaryPrimitives.ReadInt32LittleEndian(head);
        Assert.Equal(HeadOf(id, head.Length, BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(4))), head);
        var payload = new byte[record.PayloadLength];
        fixed (byte* address = payload)
        {
            var third = payload.Length / 3;
            reader.ReadPayload(record, new NativePiece((nint)address, third), new NativePiece((nint)(address + third), payload.Length - third));
        }

        Assert.Equal(PayloadOf(id, payload.Length), payload);
        Assert.Equal(BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(4)), payload.Length);
        return id;
    }

    private static byte[] HeadOf(int id, int headBytes, int payloadBytes)
    {
        var head = new byte[Math.Max(headBytes, FixedHeadBytes)];
        head.AsSpan().Fill((byte)(id * 3));
        BinaryPrimitives.WriteInt32LittleEndian(head, id);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), payloadBytes);
        return head;
    }

    private static byte[] PayloadOf(int id, int bytes) => [.. Enumerable.Range(0, bytes).Select(i => (byte)((id * 31) + (i * 7) + (i >> 8)))];
}
