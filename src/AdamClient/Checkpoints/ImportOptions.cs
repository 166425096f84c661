namespace Adam.Client;

/// <summary>What is made of a file.</summary>
public sealed record ImportOptions
{
    /// <summary>The id of the new session, <c>^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$</c>. Null: the service makes one. Default: null.</summary>
    public string? SessionId { get; init; }

    /// <summary>What survives a crash. Null: as the file has it, as far as the service keeps anything on disk. Default: null.</summary>
    public SessionDurability? Durability { get; init; }

    /// <summary>Labels of its own: at most 64, keys of 1 to 63 bytes, values of up to 255. Null or empty: those in the file. Default: null.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}
