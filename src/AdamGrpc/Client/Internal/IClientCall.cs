using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>A call that was started, without what it sends and receives.</summary>
internal interface IClientCall : IDisposable
{
    /// <summary>The headers of the response, once they are there.</summary>
    Task<Metadata> ResponseHeadersAsync { get; }

    /// <summary>The status of a call that has ended.</summary>
    Status GetStatus();

    /// <summary>The trailers of a call that has ended.</summary>
    Metadata GetTrailers();
}
