namespace Adam.Bench.LoadBench.Attacks;

/// <summary>A load that is done so many times in a second, whether those before have ended or not.</summary>
internal sealed class RepeatedLoad
{
    private readonly ILoad _load;
    private readonly string _url;
    private readonly Tally _tally = new();
    private readonly Task _running;
    private volatile bool _isOver;

    public RepeatedLoad(ILoad load, string url, int perSecond)
    {
        (_load, _url) = (load, url);
        _running = RunAsync(TimeSpan.FromSeconds(1) / perSecond);
    }

    /// <summary>Begins no more, and waits for those that run.</summary>
    /// <returns>What was sent.</returns>
    public async Task<Traffic> StopAsync()
    {
        _isOver = true;
        await _running;
        return _tally.Total();
    }

    private async Task RunAsync(TimeSpan pause)
    {
        var begun = new List<Task>();
        using var pace = new PeriodicTimer(pause);
        do
        {
            begun.Add(Task.Run(() => _load.RunAsync(_url, _tally)));
        }
        while (await pace.WaitForNextTickAsync(CancellationToken.None) && !_isOver);

        await Task.WhenAll(begun);
    }
}
