namespace Grpc.Core;

/// <summary>The response stream of a call, as its handler sees it.</summary>
/// <typeparam name="T">The message.</typeparam>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>
{
}
