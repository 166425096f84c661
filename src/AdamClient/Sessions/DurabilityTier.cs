namespace Adam.Client;

/// <summary>What of a session survives a crash of the service.</summary>
public enum DurabilityTier
{
    /// <summary>A tier that this version of the SDK does not know.</summary>
    Unknown = 0,

    /// <summary>Nothing. Its checkpoints do, on a service that keeps anything on disk.</summary>
    Memory = 1,

    /// <summary>
    /// The last snapshot: the session comes back as it was then, with the next generation. Nothing is lost at an orderly stop. A service that keeps nothing on
    /// disk refuses it.
    /// </summary>
    Snapshot = 2,

    /// <summary>Every change that was acknowledged. A service that does not keep a log refuses it.</summary>
    Log = 3,
}
