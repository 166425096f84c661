using System.Diagnostics;
using System.Globalization;

namespace Adam.Crash.Tests.Faults;

/// <summary>Lets system calls of a running process fail, or kill it, from outside. Calls are counted by thread.</summary>
internal sealed class Strace : IAsyncDisposable
{
    private static readonly TimeSpan AttachMax = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string _file;

    private Strace(Process process, string file) => (_process, _file) = (process, file);

    /// <summary>Why it cannot be done here; null if it can.</summary>
    public static string? WhyNot { get; } = FindOut();

    /// <summary>What was done to calls so far, as strace writes it down.</summary>
    public IReadOnlyList<string> Injected => [.. ReadLines().Where(static line => line.Contains("(INJECTED)", StringComparison.Ordinal))];

    /// <summary>All calls that were seen so far.</summary>
    public IReadOnlyList<string> Calls => [.. ReadLines()];

    /// <summary>Takes hold of a process.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="calls">The calls to look at.</param>
    /// <param name="injection">What to do to them, as after <c>inject=</c>.</param>
    /// <param name="paths">Calls with these files alone; none for all.</param>
    public static async Task<Strace> AttachAsync(int processId, IEnumerable<string> calls, string injection, IEnumerable<string>? paths = null)
    {
        var file = Path.Combine(Path.GetTempPath(), $"adam-strace-{Guid.NewGuid():N}");
        string[] arguments =
        [
            "-f", "-qq", "-y", "-o", file, "-p", processId.ToString(CultureInfo.InvariantCulture), "-e", $"trace={string.Join(',', calls)}",
            "-e", "inject=" + injection, .. (paths ?? []).SelectMany(static path => new[] { "-P", path }),
        ];
        var strace = new Strace(Process.Start(new ProcessStartInfo("strace", arguments) { RedirectStandardError = true })!, file);
        try
        {
            await strace.WaitAsync(processId);
            return strace;
        }
        catch
        {
            await strace.DisposeAsync();
            throw;
        }
    }

    /// <summary>What starts a process so that its calls fail from the beginning. The process is the caller's own child.</summary>
    /// <param name="file">Where what was done is written down.</param>
    /// <param name="calls">The calls to look at.</param>
    /// <param name="injection">What to do to them, as after <c>inject=</c>.</param>
    public static IReadOnlyList<string> Wrapper(string file, IEnumerable<string> calls, string injection) =>
        ["strace", "-D", "-f", "-qq", "-y", "--seccomp-bpf", "-o", file, "-e", $"trace={string.Join(',', calls)}", "-e", "inject=" + injection];

    /// <summary>Lets go of the process, which goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // It lets go when it is interrupted in order; killed, it would leave the process stopped.
            using var interrupt = Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await interrupt.WaitForExitAsync();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        File.Delete(_file);
    }

    private static string? FindOut()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(static folder => File.Exists(Path.Combine(folder, "strace"))))
        {
            return "There is no strace here.";
        }

        const string Scope = "/proc/sys/kernel/yama/ptrace_scope";
        return Environment.UserName != "root" && File.Exists(Scope) && File.ReadAllText(Scope).Trim() != "0"
            ? $"{Scope} lets nobody but root look at other processes."
            : null;
    }

    // Every thread is to be held before anything is expected of it.
    private async Task WaitAsync(int processId)
    {
        using var giveUp = new CancellationTokenSource(AttachMax);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!IsHeld(processId))
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"strace has ended: {await _process.StandardError.ReadToEndAsync(giveUp.Token)}");
            }

            await timer.WaitForNextTickAsync(giveUp.Token);
        }
    }

    private static bool IsHeld(int processId)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{processId}/task")
                .All(static thread => !File.ReadAllText(Path.Combine(thread, "status")).Contains("TracerPid:\t0\n", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            // A thread that has just ended; of a process that has ended there is none.
            return !Directory.Exists($"/proc/{processId}");
        }
    }

    private IEnumerable<string> ReadLines() => File.Exists(_file) ? File.ReadLines(_file) : [];
}
