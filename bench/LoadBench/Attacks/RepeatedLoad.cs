namespace Adam.Bench.LoadBench.Attacks;

/// <summary>A load that is done so many times in a second, whether those before have ended or not.</summary>
internal sealed class RepeatedLoad : IDisposable
{
    private readonly ILoad _load;
    private readonly string _url;
    private readonly Tally _tally = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public RepeatedLoad(ILoad load, string url, int perSecond)
    {
        (_load, _url) = (load, url);
        _running = RunAsync(TimeSpan.FromSeconds(1) / perSecond);
    }

    /// <summary>Begins no more, and waits for those that run.</summary>
    /// <returns>What was sent.</returns>
    public async Task<Traffic> StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        return _tally.Total();
    }

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync(TimeSpan pause)
    {
        var begun = new List<Task>();
        using var pace = new PeriodicTimer(pause);
        try
        {
            do
            {
                begun.Add(Task.Run(() => _load.RunAsync(_url, _tally, _stop.Token)));
            }
            while (await pace.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // It is enough.
        }

        await Task.WhenAll(begun);
    }
}
