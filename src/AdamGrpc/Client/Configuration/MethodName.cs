namespace Grpc.Net.Client.Configuration;

/// <summary>Names a method, all methods of a service, or all methods of all services.</summary>
public sealed class MethodName
{
    /// <summary>All methods of all services.</summary>
    public static readonly MethodName Default = new();

    /// <summary>The full name of the service, for example <c>package.Service</c>. Null or empty: all services.</summary>
    public string? Service { get; set; }

    /// <summary>The name of the method. Null or empty: all methods of the service.</summary>
    public string? Method { get; set; }
}
