namespace Adam.Client;

/// <summary>The past of the session may have changed: read the weights again before training on.</summary>
public sealed class GenerationChangedException : AdamException
{
    internal GenerationChangedException(AdamError error)
        : base(error)
    {
        Generation = error.Number("generation");
        Version = error.Number("version");
    }

    /// <summary>The present generation, if the service named it.</summary>
    public ulong? Generation { get; }

    /// <summary>The present version, if the service named it.</summary>
    public ulong? Version { get; }
}
