using System.Buffers;
using Grpc.Core;

namespace Adam.Service.Tests.Tensors;

/// <summary>A message that is being sent, by a transport that takes memory as it is, or by one that does not.</summary>
internal sealed class PiecedPayload(bool takesMemory) : SerializationContext
{
    private readonly PiecedWriter _pieced = new();

    /// <summary>What was written and referred to, in its order.</summary>
    public byte[] Bytes => [.. _pieced.Written.WrittenSpan];

    /// <summary>What was referred to.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> References => _pieced.References;

    public int AnnouncedLength { get; private set; } = -1;

    public bool IsComplete { get; private set; }

    public override void SetPayloadLength(int payloadLength) => AnnouncedLength = payloadLength;

    public override IBufferWriter<byte> GetBufferWriter() => takesMemory ? _pieced : _pieced.Written;

    public override void Complete() => IsComplete = true;

    public override void Complete(byte[] payload) => throw new NotSupportedException();

    private sealed class PiecedWriter : IBufferWriter<byte>, IBufferWriter<ReadOnlyMemory<byte>>
    {
        private readonly ReadOnlyMemory<byte>[] _room = new ReadOnlyMemory<byte>[4];

        public ArrayBufferWriter<byte> Written { get; } = new();

        public List<ReadOnlyMemory<byte>> References { get; } = [];

        public void Advance(int count) => Written.Advance(count);

        public Memory<byte> GetMemory(int sizeHint = 0) => Written.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => Written.GetSpan(sizeHint);

        void IBufferWriter<ReadOnlyMemory<byte>>.Advance(int count)
        {
            foreach (var memory in _room.AsSpan(0, count))
            {
                References.Add(memory);
                Written.Write(memory.Span);
            }
        }

        Memory<ReadOnlyMemory<byte>> IBufferWriter<ReadOnlyMemory<byte>>.GetMemory(int sizeHint) => _room;

        Span<ReadOnlyMemory<byte>> IBufferWriter<ReadOnlyMemory<byte>>.GetSpan(int sizeHint) => _room;
    }
}
