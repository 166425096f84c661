namespace Grpc.Core;

/// <summary>A stream to write messages to.</summary>
/// <typeparam name="T">The message.</typeparam>
public interface IAsyncStreamWriter<in T>
{
    /// <summary>How the following messages are written; null stands for the defaults.</summary>
    WriteOptions? WriteOptions { get; set; }

    /// <summary>Writes a message. One write at a time; the task ends when flow control has taken the message.</summary>
    /// <param name="message">The message.</param>
    /// <exception cref="InvalidOperationException">Another write is pending, or the stream is complete.</exception>
    Task WriteAsync(T message);

    /// <summary>Writes a message. One write at a time; the task ends when flow control has taken the message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Gives up the write. The call cannot be continued after that.</param>
    /// <exception cref="InvalidOperationException">Another write is pending, or the stream is complete.</exception>
    /// <exception cref="NotSupportedException">The writer cannot give up writes, and the token can be cancelled.</exception>
    Task WriteAsync(T message, CancellationToken cancellationToken) => cancellationToken.CanBeCanceled
        ? throw new NotSupportedException("This writer cannot give up writes.")
        : WriteAsync(message);
}
