namespace Adam.Bench.LoadBench.Attacks;

/// <summary>What a client does on one connection. It is done again and again, so many times in a second.</summary>
internal interface ILoad
{
    /// <summary>Does it once.</summary>
    /// <param name="url">The service.</param>
    /// <param name="tally">Counts what is sent.</param>
    /// <param name="stop">Fires when it is enough: who would wait for the service to lose patience need not do so any more.</param>
    Task RunAsync(string url, Tally tally, CancellationToken stop);
}
