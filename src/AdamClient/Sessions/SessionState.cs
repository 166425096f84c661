namespace Adam.Client;

/// <summary>Where a session stands in its life.</summary>
public enum SessionState
{
    /// <summary>A state that this version of the SDK does not know.</summary>
    Unknown = 0,

    /// <summary>Some tensors have no values yet; steps are refused with <see cref="SessionNotInitializedException"/>.</summary>
    Created = 1,

    /// <summary>All tensors have values; steps are taken.</summary>
    Ready = 2,
}
