using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Grpc.Net.Client;

namespace Adam.Crash.Tests.Service;

/// <summary>The built service as a process of its own that can be killed as the system kills it.</summary>
internal sealed class MortalService : IAsyncDisposable
{
    private const string AnyPort = "http://127.0.0.1:0";

    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(5);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly string _addressFile;
    private readonly string _grpcUrl;

    private MortalService(Process process, string addressFile, string grpcUrl)
    {
        (_process, _addressFile, _grpcUrl) = (process, addressFile, grpcUrl);
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
    }

    /// <summary>The channel to it, once it is ready.</summary>
    public GrpcChannel Channel { get; private set; } = null!;

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Whether it is gone.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it said.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Launches it, and does not wait.</summary>
    /// <param name="dataDirectory">Its data directory; empty for none.</param>
    /// <param name="settings">More settings, <c>NAME=VALUE</c>.</param>
    /// <param name="wrapper">A program that starts it, with its arguments: strace, for example.</param>
    /// <param name="grpcUrl">Where it serves: an address, or <c>unix:/PATH</c>.</param>
    public static MortalService Launch(
        string dataDirectory, IEnumerable<string>? settings = null, IReadOnlyList<string>? wrapper = null, string grpcUrl = AnyPort)
    {
        var addressFile = Path.Combine(Path.GetTempPath(), $"adam-crash-{Guid.NewGuid():N}.json");
        List<string> command =
        [
            .. wrapper ?? [],
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet",
            Path.Combine(AppContext.BaseDirectory, "AdamService.dll"), "serve",
            "--grpc-url", grpcUrl, "--http-url", "http://127.0.0.1:0", "--address-file", addressFile, "--stop-with-stdin",
            "--set", $"Durability:Directory={dataDirectory}",
            .. (settings ?? []).SelectMany(static setting => new[] { "--set", setting }),
        ];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = new Process { StartInfo = start };
        var service = new MortalService(process, addressFile, grpcUrl);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return service;
    }

    /// <summary>Runs another command of the program to its end.</summary>
    /// <returns>Its exit code, and what it said.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "AdamService.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var giveUp = new CancellationTokenSource(StartMax);
        var output = process.StandardOutput.ReadToEndAsync(giveUp.Token);
        var error = process.StandardError.ReadToEndAsync(giveUp.Token);
        await process.WaitForExitAsync(giveUp.Token);
        return (process.ExitCode, await output + await error);
    }

    /// <summary>Launches it and waits until it is ready.</summary>
    public static async Task<MortalService> StartAsync(
        string dataDirectory, IEnumerable<string>? settings = null, IReadOnlyList<string>? wrapper = null, string grpcUrl = AnyPort)
    {
        var service = Launch(dataDirectory, settings, wrapper, grpcUrl);
        await service.WaitUntilReadyAsync();
        return service;
    }

    /// <summary>Waits until it is ready.</summary>
    public async Task WaitUntilReadyAsync()
    {
        using var giveUp = new CancellationTokenSource(StartMax);
        using var timer = new PeriodicTimer(LookEvery);

        // It appears by a rename, so it is complete when it is there.
        while (!File.Exists(_addressFile))
        {
            if (_process.HasExited)
            {
                await _process.WaitForExitAsync(giveUp.Token);
                throw new InvalidOperationException($"The service ended with {_process.ExitCode}:{Environment.NewLine}{Output}");
            }

            await timer.WaitForNextTickAsync(giveUp.Token);
        }

        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(_addressFile));
        Channel = ServicePlace.Open(json.RootElement.GetProperty("grpc").GetString()!);
    }

    /// <summary>Kills it with SIGKILL, and returns when it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Stops it in order, and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        _process.StandardInput.Close();
        using var giveUp = new CancellationTokenSource(StartMax);
        await _process.WaitForExitAsync(giveUp.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        Channel?.Dispose();
        _process.Dispose();
        File.Delete(_addressFile);
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }
}
