using System.Net;
using System.Net.Sockets;
using Grpc.Net.Client;

namespace Adam.Crash.Tests.Service;

/// <summary>Where a service is to be found again after it was killed: a port, or the file of a Unix domain socket.</summary>
internal sealed class ServicePlace : IDisposable
{
    private const string SocketScheme = "unix:";

    // Below those that the system gives to connections: one of them could take the port while nobody listens there, even to itself.
    private const int PortMin = 20_000;
    private const int PortEnd = 32_000;

    private readonly string? _folder;

    private ServicePlace(string url, string? folder) => (Url, _folder) = (url, folder);

    /// <summary>As the service is told.</summary>
    public string Url { get; }

    /// <summary>As the SDK is told.</summary>
    public string ClientAddress => _folder is null ? Url : $"unix://{Url[SocketScheme.Length..]}";

    /// <summary>A port that nobody listens on.</summary>
    public static ServicePlace Port()
    {
        while (true)
        {
            var port = Random.Shared.Next(PortMin, PortEnd);
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return new ServicePlace($"http://127.0.0.1:{port}", null);
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another one.
            }
        }
    }

    /// <summary>A file in a folder of its own.</summary>
    public static ServicePlace Socket()
    {
        var folder = Directory.CreateTempSubdirectory("adam-socket-").FullName;
        return new ServicePlace(SocketScheme + Path.Combine(folder, "s"), folder);
    }

    /// <summary>A channel to an address as the service says it.</summary>
    public static GrpcChannel Open(string url)
    {
        if (!url.StartsWith(SocketScheme, StringComparison.Ordinal))
        {
            return GrpcChannel.ForAddress(url);
        }

        var handler = new SocketsHttpHandler { ConnectCallback = (_, cancellationToken) => ConnectAsync(url[SocketScheme.Length..], cancellationToken) };
        return GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }

    public void Dispose()
    {
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new System.Net.Sockets.Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
