using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using Grpc.Core.Interceptors;

namespace Grpc.AspNetCore.Server;

/// <summary>The interceptors of a server, in the order in which a call passes them.</summary>
public class InterceptorCollection : Collection<InterceptorRegistration>
{
    /// <summary>Adds an interceptor behind the others.</summary>
    /// <typeparam name="TInterceptor">The type of the interceptor.</typeparam>
    /// <param name="args">What its constructor is given, besides services.</param>
    public void Add<[DynamicallyAccessedMembers(InterceptorRegistration.NeededMembers)] TInterceptor>(params object[] args)
        where TInterceptor : Interceptor => Add(typeof(TInterceptor), args);

    /// <summary>Adds an interceptor behind the others.</summary>
    /// <param name="interceptorType">The type of the interceptor.</param>
    /// <param name="args">What its constructor is given, besides services.</param>
    /// <exception cref="ArgumentException">The type is not one of an interceptor.</exception>
    public void Add([DynamicallyAccessedMembers(InterceptorRegistration.NeededMembers)] Type interceptorType, params object[] args)
    {
        ArgumentNullException.ThrowIfNull(interceptorType);
        ArgumentNullException.ThrowIfNull(args);
        if (!interceptorType.IsSubclassOf(typeof(Interceptor)))
        {
            throw new ArgumentException($"{interceptorType} does not derive from {typeof(Interceptor)}.", nameof(interceptorType));
        }

        Add(new InterceptorRegistration(interceptorType, args));
    }
}
