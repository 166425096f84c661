using System.Diagnostics;
using System.Threading.Channels;

namespace Adam.Bench.LoadBench.Processes;

/// <summary>This program once more, as another process that answers lines. It ends when its input ends, so it cannot outlive this one.</summary>
internal sealed class Companion : IAsyncDisposable
{
    /// <summary>How lines begin that are answers; others are what it logs.</summary>
    public const string AnswerMark = "> ";

    private readonly Process _process;
    private readonly Channel<string> _answers = Channel.CreateUnbounded<string>();
    private readonly Task _reading;

    private Companion(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    /// <summary>Starts it.</summary>
    /// <param name="arguments">The verb, and what belongs to it.</param>
    public static Companion Start(params string[] arguments) => new(Process.Start(
        new ProcessStartInfo(Environment.ProcessPath!, [typeof(Companion).Assembly.Location, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);

    /// <summary>The next answer.</summary>
    public async Task<string> ReadAnswerAsync() => await _answers.Reader.ReadAsync();

    /// <summary>Says a line and waits for its answer.</summary>
    public async Task<string> AskAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await ReadAnswerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _reading;
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    // All the time: a process whose output nobody takes stands still.
    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(AnswerMark, StringComparison.Ordinal))
            {
                _answers.Writer.TryWrite(line[AnswerMark.Length..]);
            }
        }

        _answers.Writer.TryComplete(new InvalidOperationException("The other process has ended."));
    }
}
