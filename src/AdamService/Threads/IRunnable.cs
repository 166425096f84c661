namespace Adam.Service.Threads;

/// <summary>Something that has work to do and does it a piece at a time.</summary>
internal interface IRunnable
{
    /// <summary>Does one piece of work. Must not throw and must not wait for anything but the engine.</summary>
    void Run();
}
