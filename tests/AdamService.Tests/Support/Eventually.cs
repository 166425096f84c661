namespace Adam.Service.Tests.Support;

/// <summary>
/// Waits for what the service does after a call has ended on the client's side, such as giving memory back. No time is assumed:
/// the wait ends when the state is there.
/// </summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan GiveUp = TimeSpan.FromMinutes(1);

    public static Task EqualAsync<T>(T expected, Func<T> actual) => EqualAsync(expected, () => Task.FromResult(actual()));

    public static async Task EqualAsync<T>(T expected, Func<Task<T>> actual)
    {
        // What never comes fails with the last value instead of hanging.
        using var timer = new PeriodicTimer(Pause);
        using var giveUp = new CancellationTokenSource(GiveUp);
        var value = await actual();
        while (!EqualityComparer<T>.Default.Equals(expected, value) && !giveUp.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            value = await actual();
        }

        Assert.Equal(expected, value);
    }
}
