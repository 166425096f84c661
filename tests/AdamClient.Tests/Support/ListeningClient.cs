using Grpc.Net.Client;

namespace Adam.Client.Tests.Support;

/// <summary>A client whose incoming messages a test sees first.</summary>
internal sealed class ListeningClient : IAsyncDisposable
{
    private readonly GrpcChannel _channel;
    private readonly ListeningInvoker _invoker;

    public ListeningClient(Uri address)
    {
        _channel = GrpcChannel.ForAddress(address);
        _invoker = new ListeningInvoker(_channel.CreateCallInvoker());
        Client = new AdamClient(new AdamClientOptions(), _invoker);
    }

    public AdamClient Client { get; }

    /// <summary>Refuses a call of a method, as if the service had: null lets it through.</summary>
    public Func<string, Grpc.Core.RpcException?> Refuse
    {
        set => _invoker.Refuse = value;
    }

    /// <summary>Cancels a source when the first message comes that is <paramref name="awaited"/>.</summary>
    public void CancelOn<T>(Func<T, bool> awaited, CancellationTokenSource source) =>
        RunOnceOn(awaited, source.CancelAsync);

    /// <summary>Runs something when the first message comes that is <paramref name="awaited"/>.</summary>
    public void RunOnceOn<T>(Func<T, bool> awaited, Func<Task> action) => _invoker.OnReceived = message =>
    {
        if (message is not T typed || !awaited(typed))
        {
            return Task.CompletedTask;
        }

        _invoker.OnReceived = _ => Task.CompletedTask;
        return action();
    };

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        _channel.Dispose();
    }
}
