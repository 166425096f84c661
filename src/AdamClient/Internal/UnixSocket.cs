using System.Net.Sockets;
using System.Text;

namespace Adam.Client.Internal;

/// <summary>Unix domain sockets as addresses.</summary>
internal static class UnixSocket
{
    /// <summary>The scheme of such addresses.</summary>
    public const string Scheme = "unix";

    /// <summary>The kernel's limit is 108 with the zero at the end.</summary>
    private const int PathBytesMax = 107;

    /// <summary>What HTTP calls the service: the way to it does not depend on it.</summary>
    public static readonly Uri HttpAddress = new("http://localhost");

    /// <summary>Says what is wrong with an address, or null.</summary>
    public static string? FindError(Uri address)
    {
        if (address.Host.Length > 0 || address.Query.Length > 0 || address.Fragment.Length > 0 || address.AbsolutePath.Length < 2)
        {
            return $"Address must name an absolute path after unix://, as in unix:///run/adam.sock. Received: {address}.";
        }

        var bytes = Encoding.UTF8.GetByteCount(Path(address));
        return bytes > PathBytesMax
            ? $"Address must name a socket whose path has at most {PathBytesMax} bytes. Received: {bytes} bytes, {address}."
            : null;
    }

    /// <summary>Connects to the socket of an address.</summary>
    public static async ValueTask<Stream> ConnectAsync(Uri address, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path(address)), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Path(Uri address) => Uri.UnescapeDataString(address.AbsolutePath);
}
