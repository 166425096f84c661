namespace Adam.Client;

/// <summary>Settings that <c>keras.optimizers.Adam</c> refuses; the message has Keras's words.</summary>
public sealed class InvalidOptimizerException : AdamException
{
    internal InvalidOptimizerException(AdamError error)
        : base(error)
    {
        Fields = error.List("fields");
    }

    /// <summary>The settings that are wrong, as paths in the contract, for example <c>optimizer.groups[0].clipnorm</c>; a long list is cut.</summary>
    public IReadOnlyList<string> Fields { get; }
}
