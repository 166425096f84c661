using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Adam.Service.Configuration;
using Grpc.Net.Client;

namespace Adam.Service.CommandLine;

/// <summary>The way to a running service, for commands that call it.</summary>
internal sealed class ServiceConnection : IDisposable
{
    // What names every tensor of a large model has room in it.
    private const int MessageBytesMax = 256 << 20;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    // Calls have no deadline: a machine that is gone must be noticed in another way.
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(30);

    private readonly GrpcChannel _channel;

    private ServiceConnection(string url, GrpcChannel channel)
    {
        (Url, _channel) = (url, channel);
        Checkpoints = new V1.Checkpoints.CheckpointsClient(channel);
    }

    /// <summary>Where the service is.</summary>
    public string Url { get; }

    /// <summary>Its checkpoints.</summary>
    public V1.Checkpoints.CheckpointsClient Checkpoints { get; }

    /// <summary>Makes a way; nothing is sent.</summary>
    /// <param name="url"><c>http://HOST:PORT</c>, <c>https://HOST:PORT</c> or <c>unix:/PATH</c>.</param>
    /// <param name="caFile">With https: who must have issued the service's certificate. Null: the system decides.</param>
    /// <param name="certificateFile">With https: the certificate to show. Null: none.</param>
    /// <param name="keyFile">Its key. Null: in the same file.</param>
    /// <exception cref="FormatException">That is no address.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A file holds something else.</exception>
    public static ServiceConnection Open(string url, string? caFile, string? certificateFile, string? keyFile)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout, KeepAlivePingDelay = PingDelay, AllowAutoRedirect = false, UseCookies = false, UseProxy = false,
        };
        try
        {
            var address = AddressOf(url, handler);
            if (caFile is not null)
            {
                handler.SslOptions.CertificateChainPolicy = ProbeTrust.Only(caFile);
            }

            if (certificateFile is not null)
            {
                // A context, because a mere certificate is left out when the service names other authorities. Offline: nothing is fetched.
                var certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile ?? certificateFile);
                handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
            }

            return new ServiceConnection(url, GrpcChannel.ForAddress(
                address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true, MaxReceiveMessageSize = MessageBytesMax }));
        }
        catch
        {
            handler.Dispose();
            throw;
        }
    }

    public void Dispose() => _channel.Dispose();

    private static Uri AddressOf(string url, SocketsHttpHandler handler)
    {
        if (ListenAddress.TryParse(url, out var listening) && listening.SocketPath is not null)
        {
            handler.ConnectCallback = (_, cancellationToken) => ConnectAsync(listening.EndPoint, cancellationToken);
            return new Uri("http://localhost");
        }

        return Uri.TryCreate(url, UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            && address.PathAndQuery == "/"
            ? address
            : throw new FormatException($"'{url}' is not an address; expected http://HOST:PORT, https://HOST:PORT or unix:/PATH.");
    }

    private static async ValueTask<Stream> ConnectAsync(System.Net.EndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
