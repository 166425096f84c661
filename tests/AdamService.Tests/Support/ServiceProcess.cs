using System.Diagnostics;
using System.Text.Json;

namespace Adam.Service.Tests.Support;

/// <summary>The built service as a process of its own, as users start it.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private static readonly TimeSpan GiveUp = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private ServiceProcess(Process process) => _process = process;

    public StreamWriter StandardInput => _process.StandardInput;

    public static ServiceProcess Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Unless a test says where, nothing is kept.
        start.Environment["ADAM_Durability__Directory"] = "";
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "AdamService.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new ServiceProcess(Process.Start(start)!);
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        return await process.WaitAsync();
    }

    /// <summary>Waits for the end of the process.</summary>
    public async Task<(int ExitCode, string Output, string Error)> WaitAsync()
    {
        using var giveUp = new CancellationTokenSource(GiveUp);
        var output = _process.StandardOutput.ReadToEndAsync(giveUp.Token);
        var error = _process.StandardError.ReadToEndAsync(giveUp.Token);
        await _process.WaitForExitAsync(giveUp.Token);
        return (_process.ExitCode, await output, await error);
    }

    /// <summary>Waits until the service has written where it listens.</summary>
    public async Task<(string Grpc, string Http, int ProcessId)> ReadAddressAsync(string path)
    {
        await Eventually.EqualAsync(true, () => File.Exists(path) || _process.HasExited);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(path));
        var root = json.RootElement;
        return (root.GetProperty("grpc").GetString()!, root.GetProperty("http").GetString()!, root.GetProperty("pid").GetInt32());
    }

    /// <summary>Tells the service to stop, as container platforms do.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
