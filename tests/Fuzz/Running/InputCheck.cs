using System.Diagnostics;
using Adam.Fuzz.Targets;

namespace Adam.Fuzz.Running;

/// <summary>Runs inputs one at a time on one thread and holds each against the rules of all targets.</summary>
/// <param name="target">The target.</param>
/// <param name="watch">Where a hang is noticed.</param>
internal sealed class InputCheck(FuzzTarget target, HangWatch watch)
{
    /// <summary>The longest that an input may take, of the clock and of the processors: a busy machine lets single threads wait for seconds.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(1);

    // Beside four times the input: what a fresh inflater, a message with an error in each field and the checks themselves need.
    private const long AllocatedBytesFree = 1 << 20;

    // Other processes, the compiler and first uses cost time and memory too: only what shows every time is the input's fault.
    private const int Repeats = 3;

    /// <summary>Runs an input.</summary>
    /// <returns>What became of it, and the finding if it is one.</returns>
    public (string Outcome, Finding? Finding) Run(byte[] input, long index)
    {
        var problem = "";
        for (var attempt = 0; attempt < Repeats; attempt++)
        {
            var (outcome, elapsed, worked, allocated, error) = Measure(input, index);
            if (error is not null)
            {
                return ("FINDING", new Finding(target.Name, index, input, error.ToString()));
            }

            var allocatedMax = (4L * input.Length) + AllocatedBytesFree;
            if ((elapsed <= TimeMax || worked <= TimeMax) && allocated <= allocatedMax)
            {
                return (outcome, null);
            }

            problem = $"It took {elapsed.TotalSeconds:0.000} s, {worked.TotalSeconds:0.000} s of the processors (at most {TimeMax.TotalSeconds}), and {allocated} bytes (at most {allocatedMax}), {outcome}.";
        }

        return ("FINDING", new Finding(target.Name, index, input, problem));
    }

    private (string Outcome, TimeSpan Elapsed, TimeSpan Worked, long Allocated, Exception? Error) Measure(byte[] input, long index)
    {
        watch.Begin(target.Name, index, input);
        var (start, worked) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var outcome = target.Run(input);
            return (outcome, Stopwatch.GetElapsedTime(start), Environment.CpuUsage.TotalTime - worked, GC.GetAllocatedBytesForCurrentThread() - before, null);
        }
#pragma warning disable CA1031 // Any exception at all is what is looked for.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return ("", default, default, 0, error);
        }
        finally
        {
            watch.End();
        }
    }
}
