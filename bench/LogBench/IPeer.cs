namespace Adam.Bench.LogBench;

/// <summary>Somebody who makes batches durable.</summary>
internal interface IPeer : IDisposable
{
    /// <summary>What it is called in the table.</summary>
    string Name { get; }

    /// <summary>Writes a batch and waits until it is on the disk.</summary>
    Task WriteAsync();

    /// <summary>Deletes what was written. Not measured.</summary>
    void Clean();
}
