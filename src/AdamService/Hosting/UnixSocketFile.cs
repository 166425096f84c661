using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Adam.Service.Hosting;

/// <summary>The file of a Unix domain socket: nobody else's, and open to nobody else than its mode says.</summary>
internal static class UnixSocketFile
{
    /// <summary>Binds the socket of an end point. At its end the base class library removes the file of a Unix domain socket.</summary>
    /// <param name="endPoint">Where to listen; only Unix domain sockets are treated differently.</param>
    /// <param name="mode">The mode of the file.</param>
    /// <exception cref="IOException">Another process listens there, or the file is no socket.</exception>
    public static Socket Bind(EndPoint endPoint, UnixFileMode mode)
    {
        if (endPoint is not UnixDomainSocketEndPoint || OperatingSystem.IsWindows())
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        }

        var path = endPoint.ToString()!;
        RemoveStale(endPoint, path);
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        try
        {
            // It is bound and does not listen yet: until the mode is right nobody gets in.
            File.SetUnixFileMode(path, mode);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // What a process leaves behind that was killed would keep the next one from listening.
    private static void RemoveStale(EndPoint endPoint, string path)
    {
        if (!Path.Exists(path))
        {
            return;
        }

        if (!IsSocket(path))
        {
            throw new IOException($"'{path}' is there already and is no socket: remove it, or choose another path.");
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endPoint);
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }

        throw new IOException($"Another process listens on '{path}'.");
    }

    // A connection to a plain file is refused just like one to a socket without a listener; but a socket cannot be opened.
    private static bool IsSocket(string path)
    {
        if (Directory.Exists(path) || new FileInfo(path).Length > 0)
        {
            return false;
        }

        try
        {
            File.OpenHandle(path).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
