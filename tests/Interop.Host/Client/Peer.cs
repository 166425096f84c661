using AdamGrpc.Interop.Compression;
using AdamGrpc.Interop.Wire;
using Grpc.Core;
using Grpc.Net.Client;

namespace AdamGrpc.Interop.Client;

/// <summary>The server of the tests, as cases see it.</summary>
internal sealed class Peer : IDisposable
{
    private readonly GrpcChannel _channel;
    private int _compressedResponses;

    public Peer(string address)
    {
        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            CompressionProviders = [new CountingGzip(() => Interlocked.Increment(ref _compressedResponses))],
        });
        Test = new TestService.TestServiceClient(_channel);
        Unimplemented = new UnimplementedService.UnimplementedServiceClient(_channel);
    }

    public TestService.TestServiceClient Test { get; }

    public UnimplementedService.UnimplementedServiceClient Unimplemented { get; }

    /// <summary>How many responses came compressed so far.</summary>
    public int CompressedResponses => Volatile.Read(ref _compressedResponses);

    /// <summary>Metadata by which a call compresses its requests, but for those that are written with <see cref="NoCompress"/>.</summary>
    public static Metadata Compressing => new() { { "grpc-internal-encoding-request", "gzip" } };

    public static WriteOptions NoCompress { get; } = new(WriteFlags.NoCompress);

    public void Dispose() => _channel.Dispose();
}
