using System.Diagnostics;
using System.Globalization;
using System.Text;
using Adam.Crash.Tests.Workload;

namespace Adam.Crash.Tests.Kill;

/// <summary><see cref="RestartingTrainer"/> as a process of its own.</summary>
internal sealed class TrainerProcess : IAsyncDisposable
{
    private static readonly TimeSpan EndMax = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isToEnd;

    /// <summary>Starts it.</summary>
    /// <param name="address">Where the service is.</param>
    /// <param name="batches">How many batches the session has when it ends by itself.</param>
    /// <param name="stepped">Called after each step.</param>
    public TrainerProcess(string address, int batches, Action stepped)
    {
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
        var program = typeof(TrainerProcess).Assembly.Location;
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(host, [program, "train", address, batches.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
            EnableRaisingEvents = true,
        };
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith("step ", StringComparison.Ordinal) == true)
            {
                stepped();
            }
        };
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.AppendLine(line.Data);
            }
        };
        _process.Exited += (_, _) => OnExited();
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Faults if it ends without having been killed, or with an error.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Kills it with SIGKILL, and returns when it is gone.</summary>
    public async Task KillAsync()
    {
        _isToEnd = true;
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task WaitAsync()
    {
        await _ended.Task.WaitAsync(EndMax);
        Assert.False(_isToEnd);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void OnExited()
    {
        if (_isToEnd || _process.ExitCode == 0)
        {
            _ended.TrySetResult();
            return;
        }

        // All that it said is here when this returns.
        _process.WaitForExit();
        lock (_errors)
        {
            _ended.TrySetException(new InvalidOperationException($"The trainer ended with {_process.ExitCode}: {_errors}"));
        }
    }
}
