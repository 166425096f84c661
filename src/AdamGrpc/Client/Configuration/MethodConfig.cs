namespace Grpc.Net.Client.Configuration;

/// <summary>What holds for the calls of some methods.</summary>
public sealed class MethodConfig
{
    /// <summary>
    /// The methods. Without any, nothing is configured. A name with a method comes before one with a service only, and that before
    /// <see cref="MethodName.Default"/>.
    /// </summary>
    public IList<MethodName> Names { get; } = [];

    /// <summary>How calls that fail are repeated. Null: they are not. Null by default.</summary>
    public RetryPolicy? RetryPolicy { get; set; }
}
