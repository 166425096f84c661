using Grpc.Net.Client;

namespace Adam.Crash.Tests.Service;

/// <summary>Where clients find the service that is running now, or wait for the next one.</summary>
internal sealed class ServiceSeat
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<GrpcChannel> _present = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A service is ready.</summary>
    public void Take(MortalService service)
    {
        lock (_lock)
        {
            _present.SetResult(service.Channel);
        }
    }

    /// <summary>It is about to be killed: whoever comes back waits for the next one.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _present = new TaskCompletionSource<GrpcChannel>(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>No service will come any more.</summary>
    public void Fail(Exception error)
    {
        lock (_lock)
        {
            _present.TrySetException(error);
        }
    }

    /// <summary>The channel to the present service.</summary>
    public Task<GrpcChannel> ChannelAsync()
    {
        lock (_lock)
        {
            return _present.Task;
        }
    }
}
