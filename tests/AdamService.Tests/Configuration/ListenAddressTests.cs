using Adam.Service.Configuration;

namespace Adam.Service.Tests.Configuration;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:50051", "127.0.0.1:50051")]
    [InlineData("http://127.0.0.1:0", "127.0.0.1:0")]
    [InlineData("http://localhost:8080/", "127.0.0.1:8080")]
    [InlineData("http://*:8080", "0.0.0.0:8080")]
    [InlineData("http://0.0.0.0:1", "0.0.0.0:1")]
    [InlineData("http://[::1]:65535", "[::1]:65535")]
    [InlineData("http://10.0.0.1", "10.0.0.1:80")]
    public void TryParse_Address_IsTheEndPoint(string url, string expected)
    {
        Assert.True(ListenAddress.TryParse(url, out var endPoint));
        Assert.Equal(expected, endPoint.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("127.0.0.1:50051")]
    [InlineData("https://127.0.0.1:50051")]
    [InlineData("http://example.org:80")]
    [InlineData("http://127.0.0.1:65536")]
    [InlineData("http://127.0.0.1:80/path")]
    [InlineData("http://127.0.0.1:80/?a=b")]
    public void TryParse_AnythingElse_IsRefused(string? url) => Assert.False(ListenAddress.TryParse(url, out _));
}
