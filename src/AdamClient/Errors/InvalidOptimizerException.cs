namespace Adam.Client;

/// <summary>Settings that <c>keras.optimizers.Adam</c> refuses; the message has Keras's words.</summary>
public sealed class InvalidOptimizerException : AdamException
{
    internal InvalidOptimizerException(AdamError error)
        : base(error)
    {
        Fields = error.List("fields");
    }

    /// <summary>Every argument that is wrong, in Keras's spelling.</summary>
    public IReadOnlyList<string> Fields { get; }
}
