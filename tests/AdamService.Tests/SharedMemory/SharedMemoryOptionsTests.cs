using Adam.Service.Configuration;
using Adam.Service.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.SharedMemory;

/// <summary>Where shared memory may be offered.</summary>
public sealed class SharedMemoryOptionsTests
{
    [Fact]
    public void Validate_Defaults_AreFineAndOff()
    {
        Assert.False(new SharedMemoryOptions().Enabled);
        Assert.True(Validate(new SharedMemoryOptions(), ("Server:GrpcUrl", "http://0.0.0.0:1")).Succeeded);
        Assert.True(Validate(new SharedMemoryOptions { Enabled = true, SocketPath = "/run/adam/memory.sock" }).Succeeded);
    }

    [Theory]
    [InlineData("Server:GrpcUrl", "http://0.0.0.0:50051")]
    [InlineData("Server:GrpcUrl", "https://192.0.2.1:50051")]
    [InlineData("GrpcWeb:Url", "https://*:8443")]
    public void Validate_WhereOthersListen_IsRefused(string option, string url)
    {
        var failure = Assert.Single(Validate(new SharedMemoryOptions { Enabled = true }, (option, url)).Failures!);

        Assert.Contains($"{option} {url} is open to others", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_EverythingWrong_NamesEach()
    {
        var options = new SharedMemoryOptions { Enabled = true, SocketPath = "memory.sock", SocketMode = "abc", BytesMax = -1, TokenSeconds = 0 };

        Assert.Equal(
            [
                "SharedMemory:SocketMode must be three octal digits such as 600, not 'abc'.",
                "SharedMemory:BytesMax must be 0 or more, not -1.",
                "SharedMemory:TokenSeconds must be 0.1 to 600, not 0.",
                "SharedMemory:SocketPath must be the absolute path of a Unix domain socket, at most 107 bytes, not 'memory.sock'.",
            ],
            Validate(options).Failures!);
    }

    [Fact]
    public void Validate_TheSocketOfGrpc_IsRefused()
    {
        var failure = Assert.Single(
            Validate(new SharedMemoryOptions { Enabled = true, SocketPath = "/run/a.sock" }, ("Server:GrpcUrl", "unix:///run/a.sock")).Failures!);

        Assert.Contains("are the same socket", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_SharedMemoryOnEveryAddress_EndsTheStartWithASentence()
    {
        var (code, _, error) = await ServiceProcess.RunAsync(
            "serve", "--grpc-url", "http://*:0", "--http-url", "http://127.0.0.1:0", "--set", "Server:AllowCleartext=true", "--set", "SharedMemory:Enabled=true");

        Assert.Equal(1, code);
        Assert.Contains("SharedMemory:Enabled is for clients on this machine", error, StringComparison.Ordinal);
    }

    private static ValidateOptionsResult Validate(SharedMemoryOptions options, params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)))
            .Build();
        return new SharedMemoryOptionsValidator(configuration).Validate(null, options);
    }
}
