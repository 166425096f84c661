using Xunit.Abstractions;

namespace Adam.Crash.Tests.Faults;

/// <summary>
/// The real service, one of whose calls to the disk fails: it goes on or says that it cannot, and nothing that was acknowledged is lost. ADAM_CRASH_CALLS
/// says up to the how-manieth call of each thread, from the first on (default 1).
/// </summary>
public sealed class CallErrorTests(ITestOutputHelper output)
{
    private static readonly int Calls = Switches.Read("ADAM_CRASH_CALLS", 1);

    // Enough for a segment to be filled, and for several snapshots.
    private const int Batches = 150;

    /// <summary>The calls and what happens to them. A call that writes nothing is the shortest write there is.</summary>
    public static TheoryData<string, string> Faults => new()
    {
        { "pwritev", "error=EIO" },
        { "pwritev", "error=ENOSPC" },
        { "pwritev", "retval=0" },
        { "openat", "error=EIO" },
        { "openat", "error=ENOSPC" },
        { "rename", "error=EIO" },
        { "rename", "error=ENOSPC" },
        { "unlink", "error=EIO" },
        { "mkdir", "error=ENOSPC" },
    };

    [StraceTheory]
    [MemberData(nameof(Faults))]
    public async Task Call_ThatFails_LosesNothingThatWasAcknowledged(string call, string fault)
    {
        for (var when = 1; when <= Calls; when++)
        {
            await using var run = await FaultRun.StartAsync(output);

            // The runtime opens files too, which are not its business here.
            var paths = call == "openat" ? Directory.EnumerateFileSystemEntries(run.DataPath, "*", SearchOption.AllDirectories)
                .SelectMany(static path => new[] { path, path + ".tmp" }) : [];
            IReadOnlyList<string> injected;
            await using (var strace = await Strace.AttachAsync(run.Service.ProcessId, [call], $"{call}:{fault}:when={when}", paths))
            {
                var (full, hasFailed) = await run.TrainAsync(Batches);
                injected = strace.Injected;
                output.WriteLine($"{when}: {injected.Count} calls failed; {full} times there was no room; the log {(hasFailed ? "has failed" : "goes on")}.");
                injected.Take(5).ToList().ForEach(output.WriteLine);

                // A disk that is full is none that has failed.
                Assert.False(fault == "error=ENOSPC" && hasFailed);
            }

            await run.KillAndVerifyAsync();
        }
    }
}
