using System.Diagnostics.CodeAnalysis;

namespace Grpc.Core;

/// <summary>The call for which an <see cref="AsyncAuthInterceptor"/> is asked.</summary>
[SuppressMessage("Design", "CA1054", Justification = "The official shape.")]
[SuppressMessage("Design", "CA1056", Justification = "The official shape.")]
public class AuthInterceptorContext
{
    /// <summary>Describes a call.</summary>
    /// <param name="serviceUrl">The address of the service: scheme, authority and full name.</param>
    /// <param name="methodName">The name of the method, without its service.</param>
    public AuthInterceptorContext(string serviceUrl, string methodName)
        : this(serviceUrl, methodName, CancellationToken.None)
    {
    }

    /// <summary>Describes a call.</summary>
    /// <param name="serviceUrl">The address of the service: scheme, authority and full name.</param>
    /// <param name="methodName">The name of the method, without its service.</param>
    /// <param name="cancellationToken">Fires when the call is given up.</param>
    public AuthInterceptorContext(string serviceUrl, string methodName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(serviceUrl);
        ArgumentNullException.ThrowIfNull(methodName);
        ServiceUrl = serviceUrl;
        MethodName = methodName;
        CancellationToken = cancellationToken;
    }

    /// <summary>The address of the service: scheme, authority and full name, for example <c>https://host/package.Service</c>.</summary>
    public string ServiceUrl { get; }

    /// <summary>The name of the method, without its service.</summary>
    public string MethodName { get; }

    /// <summary>Fires when the call is given up: its caller cancelled it, or its deadline passed.</summary>
    public CancellationToken CancellationToken { get; }
}
