using Adam.Client.Internal;

namespace Adam.Client.Tests.Connection;

public sealed class ServiceHandlerTests
{
    [Fact]
    public void Create_IsWhatTheOptionsSay()
    {
        using var handler = ServiceHandler.Create(new AdamClientOptions { Address = new Uri("http://127.0.0.1:1") });

        Assert.Equal(TimeSpan.FromSeconds(20), handler.ConnectTimeout);
        Assert.Equal(TimeSpan.FromSeconds(30), handler.KeepAlivePingDelay);
        Assert.Equal(TimeSpan.FromSeconds(20), handler.KeepAlivePingTimeout);
        Assert.Equal(HttpKeepAlivePingPolicy.WithActiveRequests, handler.KeepAlivePingPolicy);
        Assert.True(handler.EnableMultipleHttp2Connections);
        Assert.Null(handler.ConnectCallback);
    }
}
