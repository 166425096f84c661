using System.Globalization;
using Adam.Service.Durability;

namespace Adam.Service.Tests.Durability;

public sealed class BackgroundTests
{
    [Fact]
    public async Task RunPatientlyAsync_Work_IsNicerThanAnyOther()
    {
        var usual = await Background.RunAsync(Niceness);
        var patient = await Background.RunPatientlyAsync(Niceness);

        Assert.Equal(Math.Max(usual, 10), patient);
        Assert.Equal(usual, await Background.RunAsync(Niceness));
    }

    // The nineteenth field of the thread's record; the second one may have blanks, and ends with the last bracket.
    private static int Niceness()
    {
        var record = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(record[(record.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
    }
}
