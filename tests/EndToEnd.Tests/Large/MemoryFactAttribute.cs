using System.Globalization;

namespace Adam.EndToEnd.Tests.Large;

/// <summary>A test that needs so much memory that it is skipped, and counted as skipped, where there is not enough.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MemoryFactAttribute : FactAttribute
{
    /// <summary>Skips the test unless the machine has memory to spare.</summary>
    /// <param name="gibibytes">How much.</param>
    public MemoryFactAttribute(int gibibytes)
    {
        Gibibytes = gibibytes;
        var available = AvailableBytes() >> 30;
        if (available < gibibytes)
        {
            Skip = string.Create(CultureInfo.InvariantCulture, $"Needs {gibibytes} GiB of memory; {available} are available.");
        }
    }

    /// <summary>How much memory the test needs.</summary>
    public int Gibibytes { get; }

    private static long AvailableBytes()
    {
        const string Field = "MemAvailable:";
        var line = File.ReadLines("/proc/meminfo").First(line => line.StartsWith(Field, StringComparison.Ordinal));
        var ofMachine = long.Parse(line[Field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) << 10;

        // A container may have less than its machine.
        return Math.Min(ofMachine, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }
}
