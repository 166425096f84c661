using System.Buffers;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// One message of a request stream: what the marshaller wrote, in a pooled array, and between it memory that is sent from where it lies. A marshaller
/// that has such memory asks the buffer writer that it is given for the second of these interfaces: there each element is memory, and stands for its bytes.
/// </summary>
internal sealed class OutgoingMessage : IBufferWriter<byte>, IBufferWriter<ReadOnlyMemory<byte>>
{
    private readonly List<(int Position, ReadOnlyMemory<byte> Memory)> _references = [];
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private ReadOnlyMemory<byte>[] _room = new ReadOnlyMemory<byte>[1];
    private long _referredLength;

    /// <summary>What was written and not referred to.</summary>
    public PooledMessageBuffer Written { get; } = new();

    /// <summary>The length of the message so far, without the prefix.</summary>
    public long PayloadLength => Written.PayloadLength + _referredLength;

    public void Advance(int count) => Written.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => Written.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => Written.GetSpan(sizeHint);

    void IBufferWriter<ReadOnlyMemory<byte>>.Advance(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _referredLength += _room[i].Length;
            _references.Add((Written.PayloadLength, _room[i]));
        }
    }

    Memory<ReadOnlyMemory<byte>> IBufferWriter<ReadOnlyMemory<byte>>.GetMemory(int sizeHint) => Room(sizeHint);

    Span<ReadOnlyMemory<byte>> IBufferWriter<ReadOnlyMemory<byte>>.GetSpan(int sizeHint) => Room(sizeHint);

    /// <summary>The message with its prefix, in pieces that follow each other. Valid until <see cref="Release"/>. It is not longer than 2 GiB.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Frame()
    {
        _pieces.Clear();
        ReadOnlyMemory<byte> written = Written.Frame((int)_referredLength);
        int start = 0;
        foreach ((int position, ReadOnlyMemory<byte> memory) in _references)
        {
            int end = GrpcProtocol.PrefixSize + position;
            Add(written[start..end]);
            Add(memory);
            start = end;
        }

        Add(written[start..]);
        return _pieces;
    }

    /// <summary>Lets go of everything and begins anew.</summary>
    public void Release()
    {
        Written.Release();
        _references.Clear();
        _pieces.Clear();
        Array.Clear(_room);
        _referredLength = 0;
    }

    private void Add(ReadOnlyMemory<byte> piece)
    {
        if (!piece.IsEmpty)
        {
            _pieces.Add(piece);
        }
    }

    private ReadOnlyMemory<byte>[] Room(int sizeHint)
    {
        if (_room.Length < sizeHint)
        {
            _room = new ReadOnlyMemory<byte>[sizeHint];
        }

        return _room;
    }
}
