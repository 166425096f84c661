using Adam.Service.Tests.Storage.Files;
using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.CommandLine;

/// <summary><c>AdamService checkpoint</c> as a process of its own, against a service over real sockets.</summary>
public sealed class CheckpointCommandTests : IDisposable
{
    private static readonly float[] Initial = Floats.Random(50, 1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SaveListRestoreDelete_OfASession_DoWhatTheySay()
    {
        await using var service = await StartAsync();
        await StepAsync(service, 1);
        var saved = await RunAsync(service, "save", "--session", "s", "--checkpoint", "a");
        await StepAsync(service, 2);

        var listed = await RunAsync(service, "list", "--session", "s");
        var restored = await RunAsync(service, "restore", "--session", "s", "--checkpoint", "a");
        var deleted = await RunAsync(service, "delete", "--session", "s", "--checkpoint", "a");
        var empty = await RunAsync(service, "list", "--session", "s");

        Assert.Equal((0, ""), (saved.ExitCode, saved.Error));
        Assert.Equal(["a", "2", "1"], saved.Output.Split('\t')[..3]);
        Assert.Equal((0, saved.Output, ""), listed);
        Assert.Equal((0, "s\t4\t1\t2", ""), (restored.ExitCode, restored.Output.Trim(), restored.Error));
        var weights = await service.ReadWeightsAsync("s");
        Bits.AssertSame(new Replica(Initial).Apply(Gradient(1)).Weights(), weights, "weights");
        Assert.Equal((0, "", ""), deleted);
        Assert.Equal((0, "", ""), empty);
    }

    [Fact]
    public async Task ExportAndImport_MoveASessionToAnotherService()
    {
        await using var service = await StartAsync();
        await using var other = await TestService.StartAsync();
        await StepAsync(service, 1);
        var path = _folder["s.safetensors"];
        await File.WriteAllTextAsync(path, "what was there before");

        var exported = await RunAsync(service, "export", "--session", "s", "--file", path);
        var imported = await RunAsync(other, "import", "--file", path, "--session", "copy");

        Assert.Equal((0, ""), (exported.ExitCode, exported.Error));
        Assert.Equal($"{path}\t2\t{new FileInfo(path).Length}", exported.Output.Trim());
        Assert.Equal((0, "copy\t2\t1\t1", ""), (imported.ExitCode, imported.Output.Trim(), imported.Error));
        var weights = await service.ReadWeightsAsync("s");
        var copied = await other.ReadWeightsAsync("copy");
        Bits.AssertSame(weights, copied, "weights");
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task Import_OfAFileThatIsCut_SaysSoInOneLine()
    {
        await using var service = await StartAsync();
        var path = _folder["s.safetensors"];
        await RunAsync(service, "export", "--session", "s", "--file", path);
        await File.WriteAllBytesAsync(path, (await File.ReadAllBytesAsync(path))[..^1]);

        var refused = await RunAsync(service, "import", "--file", path, "--session", "copy");

        AssertFailed("The file is damaged, or no session's: ", refused);
    }

    [Fact]
    public async Task Export_OfWhatIsNotThere_LeavesTheFileAsItWas()
    {
        await using var service = await StartAsync();
        var path = _folder["s.safetensors"];
        await File.WriteAllTextAsync(path, "what was there before");

        var refused = await RunAsync(service, "export", "--session", "s", "--checkpoint", "none", "--file", path);

        AssertFailed("checkpoint_id: session 's' has no checkpoint 'none'.", refused);
        Assert.Equal("what was there before", await File.ReadAllTextAsync(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task Export_IntoAFolderThatIsNotThere_NamesTheFile()
    {
        await using var service = await StartAsync();
        var path = _folder["missing/s.safetensors"];

        AssertFailed(path, await RunAsync(service, "export", "--session", "s", "--file", path), isStart: false);
    }

    [Fact]
    public async Task Verify_IntactAndDamaged_SaysWhich()
    {
        await using var service = await StartAsync();
        await RunAsync(service, "save", "--session", "s", "--checkpoint", "a");
        var intact = await RunAsync(service, "verify", "--session", "s", "--checkpoint", "a");
        var path = Assert.Single(Directory.GetFiles(_folder["data"], "a.safetensors", SearchOption.AllDirectories));
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);

        var damaged = await RunAsync(service, "verify", "--session", "s", "--checkpoint", "a");

        Assert.Equal((0, "a\tintact", ""), (intact.ExitCode, intact.Output.Trim(), intact.Error));
        Assert.Equal((2, ""), (damaged.ExitCode, damaged.Output));
        Assert.StartsWith("a is damaged: ", damaged.Error, StringComparison.Ordinal);
        Assert.Single(damaged.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task List_OverAUnixSocket_Works()
    {
        var path = _folder["adam.sock"];
        await using var unix = await TestService.StartAsync(("Server:GrpcUrl", $"unix:{path}"));

        AssertFailed("session 's'", await RunAsync("list", "--session", "s", "--grpc-url", $"unix:{path}"), isStart: false);
    }

    [Fact]
    public async Task List_NobodyListens_NamesTheAddress()
    {
        string gone;
        await using (var service = await TestService.StartAsync())
        {
            gone = service.GrpcUrl;
        }

        AssertFailed($"{gone}: ", await RunAsync("list", "--session", "s", "--grpc-url", gone));
    }

    [Fact]
    public async Task List_AddressThatIsNone_SaysWhatOneIs() =>
        AssertFailed("'nonsense' is not an address", await RunAsync("list", "--session", "s", "--grpc-url", "nonsense"));

    private static void AssertFailed(string expected, (int ExitCode, string Output, string Error) run, bool isStart = true)
    {
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Single(run.Error.Trim().Split('\n'));
        if (isStart)
        {
            Assert.StartsWith(expected, run.Error, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        }
    }

    private static float[] Gradient(int seed) => Floats.Random(Initial.Length, 100 + seed);

    private static Task StepAsync(TestService service, int sequence) =>
        service.StepAsync(Requests.Step("s", "w", Requests.Begin((ulong)sequence, ReplyKind.None), Gradient(sequence)));

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(TestService service, params string[] arguments) =>
        RunAsync([.. arguments, "--grpc-url", service.GrpcUrl]);

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        ServiceProcess.RunAsync(["checkpoint", .. arguments]);

    private async Task<TestService> StartAsync()
    {
        var service = await TestService.StartAsync(("Durability:Directory", _folder["data"]));
        await service.CreateAsync(Requests.Create("s", Initial));
        return service;
    }
}
