namespace Adam.Client;

/// <summary>A limit of the service was reached.</summary>
public sealed class LimitExceededException : AdamException
{
    internal LimitExceededException(AdamError error)
        : base(error)
    {
        Limit = error.Text("limit");
        Option = error.Text("option");
    }

    /// <summary>Which limit.</summary>
    public string? Limit { get; }

    /// <summary>The option of the service that raises it.</summary>
    public string? Option { get; }
}
