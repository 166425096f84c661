namespace Adam.Client;

/// <summary>What a tensor is to the optimizer.</summary>
public enum TensorRole
{
    /// <summary>A role that this version of the SDK does not know.</summary>
    Unknown = 0,

    /// <summary>Has slots and takes gradients.</summary>
    Trainable = 1,

    /// <summary>Part of the model, never updated: no slots, no gradients.</summary>
    Frozen = 2,

    /// <summary>Travels with the weights, written by clients, never updated by a step.</summary>
    Buffer = 3,
}
