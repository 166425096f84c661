namespace Adam.Engine;

/// <summary>What a variable is to the optimizer.</summary>
public enum VariableRole
{
    /// <summary>Takes gradients and has slots.</summary>
    Trainable = 0,

    /// <summary>Part of the model that no step changes: weights only, and a gradient for it is an error.</summary>
    Frozen = 1,

    /// <summary>Travels with the weights and is written by clients (batch statistics, say): weights only, and a gradient for it is an error.</summary>
    Buffer = 2,
}
