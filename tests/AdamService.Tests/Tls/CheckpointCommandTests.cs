using Adam.Service.Tests.Support;

namespace Adam.Service.Tests.Tls;

/// <summary>Commands that call a service which speaks TLS.</summary>
public sealed class CheckpointCommandTests : TlsTest
{
    [Fact]
    public async Task List_OverTls_BelievesTheFileAndShowsTheCertificate()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync(Folder.MutualSettings);
        using var files = new TlsFolder();
        using var certificate = Authority.CertifyClient();
        files.Write(certificate);
        string[] shown = ["--certificate-file", files.CertificatePath, "--key-file", files.KeyPath];

        var trusted = await RunAsync(service, ["--ca-file", Folder.ClientCaPath, .. shown]);
        var unknown = await RunAsync(service, shown);
        var nameless = await RunAsync(service, "--ca-file", Folder.ClientCaPath);
        var missing = await RunAsync(service, "--ca-file", files.ClientCaPath);

        Assert.All([trusted, unknown, nameless, missing], refused =>
        {
            Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
            Assert.Single(refused.Error.Trim().Split('\n'));
        });
        Assert.Contains("session 's'", trusted.Error, StringComparison.Ordinal);
        Assert.All([unknown, nameless], refused => Assert.StartsWith($"{service.GrpcUrl}: ", refused.Error, StringComparison.Ordinal));
        Assert.Contains("certificate", unknown.Error, StringComparison.Ordinal);
        Assert.Contains(files.ClientCaPath, missing.Error, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(TestService service, params string[] arguments) =>
        ServiceProcess.RunAsync(["checkpoint", "list", "--session", "s", "--grpc-url", service.GrpcUrl, .. arguments]);
}
