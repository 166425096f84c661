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
        Assert.True(ListenAddress.TryParse(url, out var address));
        Assert.Equal((expected, false, null), (address.EndPoint.ToString(), address.IsTls, address.SocketPath));
    }

    [Fact]
    public void TryParse_Https_IsTls()
    {
        Assert.True(ListenAddress.TryParse("https://[::1]:50051", out var address));
        Assert.Equal(("[::1]:50051", true), (address.EndPoint.ToString(), address.IsTls));
    }

    [Theory]
    [InlineData("unix:/run/adam.sock")]
    [InlineData("unix:///run/adam.sock")]
    public void TryParse_UnixDomainSocket_IsItsPath(string url)
    {
        Assert.True(ListenAddress.TryParse(url, out var address));
        Assert.Equal(("/run/adam.sock", false), (address.SocketPath, address.IsTls));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", true)]
    [InlineData("http://127.9.9.9:1", true)]
    [InlineData("http://[::1]:1", true)]
    [InlineData("unix:/a", true)]
    [InlineData("http://*:1", false)]
    [InlineData("http://10.0.0.1:1", false)]
    [InlineData("https://10.0.0.1:1", false)]
    public void IsLocal_Address_IsWhetherOthersReachIt(string url, bool isLocal)
    {
        Assert.True(ListenAddress.TryParse(url, out var address));
        Assert.Equal(isLocal, address.IsLocal);
    }

    [Fact]
    public void TryParse_PathThatIsTooLongForASocket_IsRefused()
    {
        Assert.True(ListenAddress.TryParse("unix:/" + new string('a', 106), out _));
        Assert.False(ListenAddress.TryParse("unix:/" + new string('a', 107), out _));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("127.0.0.1:50051")]
    [InlineData("ftp://127.0.0.1:50051")]
    [InlineData("unix:")]
    [InlineData("unix:relative.sock")]
    [InlineData("unix://host/path")]
    [InlineData("unix:/folder/")]
    [InlineData("http://example.org:80")]
    [InlineData("http://127.0.0.1:65536")]
    [InlineData("http://127.0.0.1:80/path")]
    [InlineData("http://127.0.0.1:80/?a=b")]
    public void TryParse_AnythingElse_IsRefused(string? url) => Assert.False(ListenAddress.TryParse(url, out _));
}
