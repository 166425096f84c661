namespace Adam.Service.Storage.Safetensors;

/// <summary>A file is not what it should be. The message says what is wrong and where.</summary>
internal sealed class SafetensorsException : Exception
{
    /// <summary>Says what is wrong.</summary>
    /// <param name="message">What is wrong, as a sentence without its end.</param>
    /// <param name="offset">The byte of the file at which it is, or begins.</param>
    public SafetensorsException(string message, long offset)
        : base($"{message} (at byte {offset} of the file).") => Offset = offset;

    /// <summary>The byte of the file at which it is, or begins.</summary>
    public long Offset { get; }
}
