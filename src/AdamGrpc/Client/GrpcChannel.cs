using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>A way to a server over HTTP/2. Costly to make and meant to be shared: calls may be made from many threads.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        _ = options;
    }

    /// <summary>Makes a channel. No connection is made before the first call.</summary>
    /// <param name="address">The address of the server: <c>http://host:port</c> in clear text, <c>https://host:port</c> with TLS.</param>
    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>Makes a channel. No connection is made before the first call.</summary>
    /// <param name="address">The address of the server: <c>http://host:port</c> in clear text, <c>https://host:port</c> with TLS.</param>
    /// <param name="channelOptions">The options.</param>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions) => ForAddress(new Uri(address), channelOptions);

    /// <summary>Makes a channel. No connection is made before the first call.</summary>
    /// <param name="address">The address of the server: <c>http://host:port</c> in clear text, <c>https://host:port</c> with TLS.</param>
    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>Makes a channel. No connection is made before the first call.</summary>
    /// <param name="address">The address of the server: <c>http://host:port</c> in clear text, <c>https://host:port</c> with TLS.</param>
    /// <param name="channelOptions">The options.</param>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        return new GrpcChannel(address, channelOptions);
    }

    /// <inheritdoc/>
    public override CallInvoker CreateCallInvoker() => throw new NotSupportedException();

    /// <summary>Cancels all calls and closes the connections.</summary>
    public void Dispose()
    {
    }
}
