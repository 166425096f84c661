using Adam.Samples.DigitsTraining.Service;
using Sample = Adam.Samples.DigitsTraining.Program;

namespace Adam.EndToEnd.Tests.Digits;

public sealed class ProgramTests
{
    [Fact]
    public async Task Main_Defaults_ReachesTheAccuracyAndEqualsTheEngine()
    {
        var (exitCode, output, error) = await RunAsync();

        Assert.True(exitCode == 0, output + error);
        Assert.Contains("weights are equal bit for bit", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', output);
        Assert.Equal(30, output.Split('\n').Count(line => line.StartsWith("epoch ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Main_AccuracyNotReached_ExitsWithOne()
    {
        var (exitCode, output, _) = await RunAsync("--in-process", "--epochs", "1", "--min-accuracy", "0.999");

        Assert.Equal(1, exitCode);
        Assert.Contains("FAILED: the test accuracy is", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Main_RunningServer_UsesItAndLeavesNothingBehind()
    {
        await using var service = await ServiceProcess.StartAsync();

        var (exitCode, output, error) = await RunAsync(
            "--server", service.Addresses.Grpc.ToString(), "--epochs", "1", "--min-accuracy", "0", "--no-verify");

        Assert.True(exitCode == 0, output + error);
        Assert.DoesNotContain("started the service", output, StringComparison.Ordinal);
        Assert.DoesNotContain("bit for bit", output, StringComparison.Ordinal);
        await using var client = Client.AdamClient.ForAddress(service.Addresses.Grpc);
        await foreach (var session in client.ListSessionsAsync())
        {
            Assert.Fail($"The session {session.Id} was left behind.");
        }
    }

    [Fact]
    public async Task Main_ServiceIsMissing_SaysWhatToDo()
    {
        var (exitCode, _, error) = await RunAsync("--service-dll", "nowhere/AdamService.dll");

        Assert.Equal(1, exitCode);
        Assert.Contains("The service is not at 'nowhere/AdamService.dll'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Main_StoppedWhileTheServiceFails_SaysStopped()
    {
        // As with Ctrl-C on a terminal, which ends the service too.
        using var source = new CancellationTokenSource();
        using var error = new StringWriter();
        await source.CancelAsync();

        var exitCode = await Sample.RunAsync(
            ["--service-dll", "nowhere/AdamService.dll"], TextWriter.Null, error, isTerminal: false, source.Token);

        Assert.Equal(1, exitCode);
        Assert.Equal("Stopped.", error.ToString().Trim());
    }

    [Theory]
    [InlineData("--epochs", "0")]
    [InlineData("--batch-size", "-1")]
    [InlineData("--server", "not an address")]
    public async Task Main_BadFlag_ExitsWithOneAndNamesIt(string flag, string value)
    {
        var (exitCode, _, error) = await RunAsync(flag, value);

        Assert.Equal(1, exitCode);
        Assert.Contains(flag, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Main_Terminal_DrawsABarThatGrows()
    {
        using var output = new StringWriter();

        await Sample.RunAsync(["--in-process", "--epochs", "1", "--min-accuracy", "0"], output, output, isTerminal: true);

        Assert.Contains("\repoch 1/1 [#.......................]", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("\repoch 1/1 [########################] loss", output.ToString(), StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await Sample.RunAsync(arguments, output, error, isTerminal: false);
        return (exitCode, output.ToString(), error.ToString());
    }
}
