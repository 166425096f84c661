namespace Adam.Bench.ServiceBench.Peers;

/// <summary>A way to take a step.</summary>
internal interface IPeer : IAsyncDisposable
{
    /// <summary>What it is called in tables.</summary>
    string Name { get; }

    /// <summary>Takes one step, or does what it is compared with.</summary>
    Task StepAsync();
}
