namespace Adam.Engine.Threads;

/// <summary>Work that falls into items which can be done in any order and on any thread.</summary>
internal abstract class StepJob
{
    /// <summary>How many items there are.</summary>
    public int ItemCount { get; protected set; }

    /// <summary>Does one item. Must not throw and must not wait.</summary>
    /// <param name="item">0 to <see cref="ItemCount"/> - 1.</param>
    public abstract void RunItem(int item);
}
