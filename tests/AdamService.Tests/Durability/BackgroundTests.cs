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

    // Threads inherit it from the one that starts them, and keep it for ever: one of the pool would, too.
    [Fact]
    public async Task RunPatientlyAsync_WhoWaits_GoesOnInAThreadThatIsNot()
    {
        var usual = await Background.RunAsync(Niceness);

        using var isAwaited = new ManualResetEventSlim();
        var work = Background.RunPatientlyAsync(() =>
        {
            isAwaited.Wait();
            return Niceness();
        });

        var after = work.ContinueWith(
            _ => Niceness(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        isAwaited.Set();

        Assert.Equal((Math.Max(usual, 10), usual), (await work, await after));
    }

    [Fact]
    public async Task RunPatientlyAsync_WorkThrows_SoDoesIt()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Background.RunPatientlyAsync<int>(() => throw new InvalidOperationException("no")));

        Assert.Equal("no", error.Message);
    }

    // The nineteenth field of the thread's record; the second one may have blanks, and ends with the last bracket.
    private static int Niceness()
    {
        var record = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(record[(record.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
    }
}
