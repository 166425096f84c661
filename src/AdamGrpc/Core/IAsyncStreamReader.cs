namespace Grpc.Core;

/// <summary>Messages that arrive one after another.</summary>
/// <typeparam name="T">The message.</typeparam>
public interface IAsyncStreamReader<out T>
{
    /// <summary>The message that the last successful <see cref="MoveNext"/> read.</summary>
    T Current { get; }

    /// <summary>Reads the next message. One read at a time.</summary>
    /// <param name="cancellationToken">Gives up the read, and on the client the whole call.</param>
    /// <returns>False at the end of the messages.</returns>
    /// <exception cref="RpcException">The call ended with an error.</exception>
    /// <exception cref="InvalidOperationException">Another read is pending.</exception>
    Task<bool> MoveNext(CancellationToken cancellationToken);
}
