namespace Adam.Client;

/// <summary>What of a session survives a crash of the service.</summary>
public enum DurabilityTier
{
    /// <summary>A tier that this version of the SDK does not know.</summary>
    Unknown = 0,

    /// <summary>Nothing.</summary>
    Memory = 1,

    /// <summary>The last snapshot. The service refuses it until it is implemented there.</summary>
    Snapshot = 2,

    /// <summary>Every acknowledged step. The service refuses it until it is implemented there.</summary>
    Log = 3,
}
