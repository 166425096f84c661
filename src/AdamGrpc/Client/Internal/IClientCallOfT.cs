using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>A call that was started: what the objects that callers hold are made of.</summary>
internal interface IClientCall<in TRequest, TResponse> : IClientCall
    where TRequest : class
    where TResponse : class
{
    /// <summary>The responses.</summary>
    IAsyncStreamReader<TResponse> ResponseReader { get; }

    /// <summary>The requests, of a call of many.</summary>
    IClientStreamWriter<TRequest> RequestWriter { get; }

    /// <summary>Reads the only response of a call, and waits for its status.</summary>
    Task<TResponse> ReadSingleAsync();
}
