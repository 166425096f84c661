using System.Diagnostics.CodeAnalysis;

namespace Grpc.AspNetCore.Server;

/// <summary>An interceptor in the options of a server.</summary>
public class InterceptorRegistration
{
    internal const DynamicallyAccessedMemberTypes NeededMembers =
        DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.PublicMethods;

    internal InterceptorRegistration([DynamicallyAccessedMembers(NeededMembers)] Type type, object[] arguments)
    {
        Type = type;
        Arguments = arguments;
    }

    /// <summary>The type of the interceptor.</summary>
    [DynamicallyAccessedMembers(NeededMembers)]
    public Type Type { get; }

    /// <summary>What its constructor is given, besides services. Empty: the interceptor may be a registered service itself.</summary>
    internal object[] Arguments { get; }
}
