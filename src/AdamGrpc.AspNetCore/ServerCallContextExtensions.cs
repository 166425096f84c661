using Grpc.AspNetCore.Server.Internal;
using Microsoft.AspNetCore.Http;

namespace Grpc.Core;

/// <summary>Access to the HTTP request of a call.</summary>
public static class ServerCallContextExtensions
{
    /// <summary>
    /// The key of <see cref="ServerCallContext.UserState"/> under which a context that is none of this server's keeps its request.
    /// </summary>
    private const string HttpContextKey = "__HttpContext";

    /// <summary>The HTTP request of a call.</summary>
    /// <param name="serverCallContext">The call.</param>
    /// <exception cref="InvalidOperationException">The call did not come over HTTP.</exception>
    public static HttpContext GetHttpContext(this ServerCallContext serverCallContext)
    {
        ArgumentNullException.ThrowIfNull(serverCallContext);
        if (serverCallContext is HttpContextServerCallContext context)
        {
            return context.HttpContext;
        }

        return serverCallContext.UserState.TryGetValue(HttpContextKey, out object? value) && value is HttpContext stored
            ? stored
            : throw new InvalidOperationException("The call did not come over HTTP.");
    }
}
