namespace Grpc.Core;

/// <summary>The request stream of a call, as its client sees it.</summary>
/// <typeparam name="T">The message.</typeparam>
public interface IClientStreamWriter<in T> : IAsyncStreamWriter<T>
{
    /// <summary>Says that no more requests follow. Has to be called once all writes have ended.</summary>
    /// <exception cref="InvalidOperationException">A write is pending.</exception>
    Task CompleteAsync();
}
