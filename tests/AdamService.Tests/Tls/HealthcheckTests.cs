using Adam.Service.Tests.Support;

namespace Adam.Service.Tests.Tls;

/// <summary>The health check of a service whose probes speak TLS.</summary>
public sealed class HealthcheckTests : TlsTest
{
    [Fact]
    public async Task Healthcheck_OverTls_BelievesLoopbackOrTheFile()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync([.. Folder.MutualSettings, ("Server:HttpUrl", "https://127.0.0.1:0")]);
        var url = service.HttpUrl.ToString();
        using var other = new TestAuthority();
        using var wrong = new TlsFolder();
        wrong.WriteClientCa(other);

        var loopback = await ServiceProcess.RunAsync("healthcheck", "--http-url", url);
        var trusted = await ServiceProcess.RunAsync("healthcheck", "--http-url", url, "--ca-file", Folder.ClientCaPath);
        var refused = await ServiceProcess.RunAsync("healthcheck", "--http-url", url, "--ca-file", wrong.ClientCaPath);
        var missing = await ServiceProcess.RunAsync("healthcheck", "--http-url", url, "--ca-file", wrong.KeyPath);

        Assert.Equal((0, $"{url}readyz: 200 Healthy"), (loopback.ExitCode, loopback.Output.Trim()));
        Assert.Equal((0, $"{url}readyz: 200 Healthy"), (trusted.ExitCode, trusted.Output.Trim()));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("certificate", refused.Error, StringComparison.Ordinal);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains(wrong.KeyPath, missing.Error, StringComparison.Ordinal);
    }
}
