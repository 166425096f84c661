namespace Grpc.Core;

/// <summary>
/// Says who calls, with metadata of its own in every call. Without TLS anybody on the way could read it: a call over clear text that has
/// credentials is refused, unless the channel allows it.
/// </summary>
public abstract class CallCredentials
{
    private protected CallCredentials()
    {
    }

    /// <summary>The interceptors that make up these credentials, in the order in which they are asked.</summary>
    internal abstract IReadOnlyList<AsyncAuthInterceptor> Interceptors { get; }

    /// <summary>Credentials that add what all of the given ones add.</summary>
    /// <param name="credentials">Two or more.</param>
    /// <exception cref="ArgumentException">Fewer than two.</exception>
    public static CallCredentials Compose(params CallCredentials[] credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        return credentials.Length >= 2
            ? new InterceptorCredentials([.. credentials.SelectMany(part => part.Interceptors)])
            : throw new ArgumentException("Credentials are composed of two or more.", nameof(credentials));
    }

    /// <summary>Credentials that ask an interceptor for metadata.</summary>
    /// <param name="interceptor">The interceptor.</param>
    public static CallCredentials FromInterceptor(AsyncAuthInterceptor interceptor)
    {
        ArgumentNullException.ThrowIfNull(interceptor);
        return new InterceptorCredentials([interceptor]);
    }

    private sealed class InterceptorCredentials(IReadOnlyList<AsyncAuthInterceptor> interceptors) : CallCredentials
    {
        internal override IReadOnlyList<AsyncAuthInterceptor> Interceptors => interceptors;
    }
}
