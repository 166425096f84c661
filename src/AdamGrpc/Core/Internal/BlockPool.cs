using System.Buffers;
using System.Runtime.InteropServices;

namespace Grpc.Core.Internal;

/// <summary>
/// Pinned blocks to receive into and to send from, used again and again. The shared pool of arrays keeps 32 of a size for each processor, and a
/// message of a megabyte needs more at once.
/// </summary>
internal sealed class BlockPool : MemoryPool<byte>
{
    /// <summary>The size of a block in bytes. Measured with 32 and 128 KiB: the larger gained nothing that shows, and every busy call holds some.</summary>
    public const int BlockBytes = 32 * 1024;

    // What lies ready for later: 32 MiB.
    private const int IdleBlocksMax = 1024;

    // The block that was used last comes first: it may still be in the caches.
    private readonly Block?[] _idle = new Block?[IdleBlocksMax];
    private readonly Lock _lock = new();
    private int _idleCount;

    /// <summary>The pool of whoever has none of its own.</summary>
    public static new BlockPool Shared { get; } = new();

    /// <inheritdoc/>
    public override int MaxBufferSize => BlockBytes;

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        Block? block = null;
        lock (_lock)
        {
            if (_idleCount > 0)
            {
                block = _idle[--_idleCount];
                _idle[_idleCount] = null;
            }
        }

        if (block is null)
        {
            return new Block(this);
        }

        block.Use();
        return block;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            Array.Clear(_idle);
            _idleCount = 0;
        }
    }

    private void Return(Block block)
    {
        lock (_lock)
        {
            if (_idleCount < IdleBlocksMax)
            {
                _idle[_idleCount++] = block;
            }
        }
    }

    private sealed class Block(BlockPool pool) : IMemoryOwner<byte>
    {
        private int _isRented = 1;

        // The system writes into it while it is awaited: it must not move.
        public Memory<byte> Memory { get; } =
            MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true), 0, BlockBytes);

        public void Use() => _isRented = 1;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isRented, 0) != 0)
            {
                pool.Return(this);
            }
        }
    }
}
