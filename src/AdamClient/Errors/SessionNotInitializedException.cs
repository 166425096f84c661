namespace Adam.Client;

/// <summary>Steps are refused until every tensor has values: write them with <see cref="AdamClient.WriteTensorsAsync"/>.</summary>
public sealed class SessionNotInitializedException : AdamException
{
    internal SessionNotInitializedException(AdamError error)
        : base(error)
    {
        Tensors = error.List("tensors");
    }

    /// <summary>The names of tensors that have none.</summary>
    public IReadOnlyList<string> Tensors { get; }
}
