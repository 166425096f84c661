using Grpc.Net.Client.Internal;

namespace AdamGrpc.Tests;

public sealed class DefaultHttpHandlerTests
{
    [Fact]
    public void Create_NoticesADeadServerAndOpensFurtherConnections()
    {
        using SocketsHttpHandler handler = DefaultHttpHandler.Create(new Uri("http://localhost"));

        Assert.Equal(TimeSpan.FromSeconds(20), handler.ConnectTimeout);
        Assert.Equal(TimeSpan.FromSeconds(30), handler.KeepAlivePingDelay);
        Assert.Equal(TimeSpan.FromSeconds(20), handler.KeepAlivePingTimeout);
        Assert.Equal(HttpKeepAlivePingPolicy.WithActiveRequests, handler.KeepAlivePingPolicy);
        Assert.True(handler.EnableMultipleHttp2Connections);
    }
}
