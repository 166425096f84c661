using System.Buffers;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Connections;

namespace Adam.Service.Hosting;

/// <summary>
/// The memory that Kestrel receives into and sends from, in larger blocks than its own of 4 KiB: a megabyte of elements is then 32 pieces and
/// not 256, and a socket is read as much at a time. Connections and calls that are silent hold no block.
/// </summary>
internal sealed class TransportMemory : IMemoryPoolFactory<byte>
{
    /// <summary>Makes Kestrel use it.</summary>
    public static void AddTo(IServiceCollection services) => services.AddSingleton<IMemoryPoolFactory<byte>, TransportMemory>();

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options) => new BlockPool();
}
