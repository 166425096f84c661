using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.Tls;

/// <summary>What the tests of TLS share: an authority, its certificate of the service in files, and a call to see whether one gets in.</summary>
public abstract class TlsTest : IDisposable
{
    internal TestAuthority Authority { get; } = new();

    internal TlsFolder Folder { get; } = new();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        Authority.Dispose();
        Folder.Dispose();
    }

    protected void WriteFiles()
    {
        using var certificate = Authority.CertifyServer();
        Folder.Write(certificate);
        Folder.WriteClientCa(Authority);
    }

    /// <summary>Makes a call on a connection of its own.</summary>
    internal static async Task CallAsync(TestService service, SocketsHttpHandler handler)
    {
        using var channel = service.OpenChannel(handler);
        await new V1.Sessions.SessionsClient(channel).ListSessionsAsync(new ListSessionsRequest(), TestService.Call());
    }
}
