namespace Grpc.Core.Internal;

/// <summary>What a call is made of when it is given piece by piece, as one object.</summary>
/// <param name="ResponseHeaders">The headers of the response, once they are there.</param>
/// <param name="GetStatus">Gives the status once the call has ended.</param>
/// <param name="GetTrailers">Gives the trailers once the call has ended.</param>
/// <param name="Dispose">Cancels the call unless it has ended.</param>
internal sealed record CallParts(Task<Metadata> ResponseHeaders, Func<Status> GetStatus, Func<Metadata> GetTrailers, Action Dispose)
{
    public static readonly Func<object, Task<Metadata>> HeadersOf = static parts => ((CallParts)parts).ResponseHeaders;
    public static readonly Func<object, Status> StatusOf = static parts => ((CallParts)parts).GetStatus();
    public static readonly Func<object, Metadata> TrailersOf = static parts => ((CallParts)parts).GetTrailers();
    public static readonly Action<object> DisposeOf = static parts => ((CallParts)parts).Dispose();

    /// <summary>Puts the pieces together.</summary>
    /// <exception cref="ArgumentNullException">One is missing.</exception>
    public static CallParts From(
        Task<Metadata> responseHeadersAsync, Func<Status> getStatusFunc, Func<Metadata> getTrailersFunc, Action disposeAction)
    {
        ArgumentNullException.ThrowIfNull(responseHeadersAsync);
        ArgumentNullException.ThrowIfNull(getStatusFunc);
        ArgumentNullException.ThrowIfNull(getTrailersFunc);
        ArgumentNullException.ThrowIfNull(disposeAction);
        return new CallParts(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction);
    }
}
