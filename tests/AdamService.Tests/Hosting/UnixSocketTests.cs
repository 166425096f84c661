using System.Net.Sockets;
using System.Runtime.Versioning;
using Adam.Service.Tests.Support;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.Hosting;

/// <summary>gRPC on a Unix domain socket: for its owner alone, and no file is left behind.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class UnixSocketTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("adam-").FullName;

    private string SocketPath => Path.Combine(_folder, "adam.sock");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Train_OverAUnixSocket_IsAsOverTcp()
    {
        await using var service = await StartAsync();
        float[] initial = Floats.Random(600, 1), gradient = Floats.Random(600, 2);
        await service.CreateAsync(Requests.Create("s", initial));
        using var stream = await TrainClient.OpenAsync(service, "s");

        var answer = await stream.StepAsync(1, gradient);

        Assert.Equal($"unix:{SocketPath}", service.GrpcUrl);
        Bits.AssertSame(new Replica(initial).Apply(gradient).Weights(), answer.Tensor(0), "t0");
    }

    [Theory]
    [InlineData(null, UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData("660", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite)]
    public async Task Start_Socket_HasItsMode(string? setting, UnixFileMode expected)
    {
        await using var service = await StartAsync(setting is null ? [] : [("Server:SocketMode", setting)]);

        Assert.Equal(expected, File.GetUnixFileMode(SocketPath));
    }

    [Fact]
    public async Task Stop_Socket_IsRemoved()
    {
        await using (var service = await StartAsync())
        {
            Assert.True(File.Exists(SocketPath));
        }

        Assert.False(File.Exists(SocketPath));
    }

    [Fact]
    public async Task Start_SocketThatNobodyListensOn_IsReplaced()
    {
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Its owner removes the file under the first name only, as if it had been killed.
            left.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, "first")));
            File.Move(Path.Combine(_folder, "first"), SocketPath);
        }

        await using var service = await StartAsync();

        await service.CreateAsync(Requests.Create("s", Floats.Random(6, 1)));
    }

    [Fact]
    public async Task Start_SocketOfARunningService_IsRefusedAndLeftAlone()
    {
        await using var running = await StartAsync();

        var error = await Assert.ThrowsAsync<IOException>(() => StartAsync());

        Assert.Equal($"Another process listens on '{SocketPath}'.", error.Message);
        await running.CreateAsync(Requests.Create("s", Floats.Random(6, 1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("valuable")]
    public async Task Start_FileThatIsNoSocket_IsRefusedAndLeftAlone(string content)
    {
        await File.WriteAllTextAsync(SocketPath, content);

        var error = await Assert.ThrowsAsync<IOException>(() => StartAsync());

        Assert.Contains("is no socket", error.Message, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(SocketPath));
    }

    [Fact]
    public async Task Connect_ManyClients_AreNotOfOneAddress()
    {
        await using var service = await StartAsync(("Http2:ConnectionsPerAddressMax", "1"));
        await service.CreateAsync(Requests.Create("s", Floats.Random(6, 1)));
        using var other = service.OpenChannel(Connector());

        await new V1.Sessions.SessionsClient(other).GetSessionAsync(
            new V1.GetSessionRequest { Session = Requests.Ref("s") }, TestService.Call());
    }

    private Task<TestService> StartAsync(params (string Name, string Value)[] settings) =>
        TestService.StartAsync(Connector(), [("Server:GrpcUrl", $"unix:{SocketPath}"), .. settings]);

    private SocketsHttpHandler Connector() => new()
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}
