using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>A call that was started: what the objects that callers hold are made of.</summary>
internal interface IClientCall<in TRequest, TResponse> : IDisposable
    where TRequest : class
    where TResponse : class
{
    /// <summary>The headers of the response, once they are there.</summary>
    Task<Metadata> ResponseHeadersAsync { get; }

    /// <summary>The responses.</summary>
    IAsyncStreamReader<TResponse> ResponseReader { get; }

    /// <summary>The requests, of a call of many.</summary>
    IClientStreamWriter<TRequest> RequestWriter { get; }

    /// <summary>Reads the only response of a call, and waits for its status.</summary>
    Task<TResponse> ReadSingleAsync();

    /// <summary>The status of a call that has ended.</summary>
    Status GetStatus();

    /// <summary>The trailers of a call that has ended.</summary>
    Metadata GetTrailers();
}
