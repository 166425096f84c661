using Adam.Service.Tests.Attacks;
using Adam.Service.Tests.Support;

namespace Adam.Service.Tests.CommandLine;

/// <summary>The executable: serving, asking for its health, stopping with its standard input.</summary>
public sealed class ServeCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("adam-").FullName;

    private string AddressPath => Path.Combine(_folder, "address.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Serve_StopWithStdin_ServesUntilItsInputEnds()
    {
        using var process = ServiceProcess.Start(
            "serve", "--grpc-url", "http://127.0.0.1:0", "--http-url", "http://127.0.0.1:0", "--address-file", AddressPath, "--stop-with-stdin");
        var address = await process.ReadAddressAsync(AddressPath);

        await Eventually.EqualAsync(0, async () => (await ServiceProcess.RunAsync("healthcheck", "--http-url", address.Http)).ExitCode);
        await process.StandardInput.WriteLineAsync("What is written there means nothing.");
        var healthy = await ServiceProcess.RunAsync("healthcheck", "--http-url", address.Http);
        process.StandardInput.Close();
        var (exitCode, output, error) = await process.WaitAsync();

        Assert.Equal((0, $"{address.Http}/readyz: 200 Healthy"), (healthy.ExitCode, healthy.Output.Trim()));
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains($"Serving gRPC on {address.Grpc}", output, StringComparison.Ordinal);
        Assert.Contains("Stopping.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_TerminatedWhileClientsDoNotFinish_EndsWithZero()
    {
        using var process = ServiceProcess.Start(
            "serve", "--grpc-url", "http://127.0.0.1:0", "--http-url", "http://127.0.0.1:0", "--address-file", AddressPath,
            "--set", "Server:DrainSeconds=0.3");
        var address = await process.ReadAddressAsync(AddressPath);
        await using var connection = await RawConnection.OpenAsync(address.Grpc);
        await connection.SendAsync(
            Frames.Headers(1, "/adam.v1.Sessions/ListSessions"), Frames.Of(Frames.Data, 0, 1, [0]), Frames.Headers(3, "/adam.v1.Training/Train"));
        Assert.True(await connection.PingAsync());

        await process.TerminateAsync();
        var status = await connection.ReceiveAsync(frame => frame.Stream == 3 && frame.GrpcStatus is not null);
        var end = await connection.WaitForEndAsync();
        var (exitCode, _, error) = await process.WaitAsync();

        Assert.Equal((int)Grpc.Core.StatusCode.Unavailable, status.GrpcStatus);
        Assert.Equal(ConnectionEnd.NoError, end.GoAway ?? ConnectionEnd.NoError);
        Assert.Equal((0, ""), (exitCode, error));
    }

    [Fact]
    public async Task Healthcheck_NobodyListens_IsOne()
    {
        Uri gone;
        await using (var service = await TestService.StartAsync())
        {
            gone = service.HttpUrl;
        }

        var (exitCode, output, error) = await ServiceProcess.RunAsync("healthcheck", "--http-url", gone.ToString());

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith($"{gone}readyz: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_WrongSettings_AreAllNamed()
    {
        var (exitCode, _, error) = await ServiceProcess.RunAsync(
            "serve", "--http-url", "http://127.0.0.1:0", "--set", "Limits:SessionsMax=0", "--set", "Limits:CreditsPerStream=0");

        Assert.Equal(1, exitCode);
        Assert.Contains("Limits:SessionsMax must be", error, StringComparison.Ordinal);
        Assert.Contains("Limits:CreditsPerStream must be", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_CertificateThatIsMissing_NamesOptionAndFile()
    {
        var missing = Path.Combine(_folder, "missing.crt");

        var (exitCode, output, error) = await ServiceProcess.RunAsync(
            "serve", "--grpc-url", "https://127.0.0.1:0", "--http-url", "http://127.0.0.1:0", "--set", $"Tls:CertificateFile={missing}");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith($"Tls:CertificateFile: '{missing}' cannot be read: ", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task Serve_AddressThatIsTaken_SaysSo()
    {
        await using var taken = await TestService.StartAsync();

        var (exitCode, _, error) = await ServiceProcess.RunAsync(
            "--grpc-url", taken.GrpcUrl, "--http-url", "http://127.0.0.1:0", "--address-file", AddressPath);

        Assert.Equal(1, exitCode);
        Assert.Contains("The service could not start: ", error, StringComparison.Ordinal);
        Assert.False(File.Exists(AddressPath));
    }

    [Fact]
    public async Task Serve_SetWithoutAValue_SaysSo()
    {
        var (exitCode, _, error) = await ServiceProcess.RunAsync("serve", "--set", "Limits:SessionsMax");

        Assert.Equal(1, exitCode);
        Assert.Contains("--set expects NAME=VALUE, not 'Limits:SessionsMax'.", error, StringComparison.Ordinal);
    }
}
