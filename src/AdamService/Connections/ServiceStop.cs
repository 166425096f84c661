using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.V1;
using Microsoft.Extensions.Options;

namespace Adam.Service.Connections;

/// <summary>What a stop does to calls that run: they may finish for <see cref="ServerOptions.DrainSeconds"/>, then they are ended.</summary>
internal sealed class ServiceStop : IDisposable
{
    /// <summary>How long the last statuses may take to leave, before connections are cut.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _drained = new();
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _stopping;

    public ServiceStop(IHostApplicationLifetime lifetime, IOptions<ServerOptions> options, TimeProvider time)
    {
        var drain = TimeSpan.FromSeconds(options.Value.DrainSeconds);
        _timer = time.CreateTimer(_ => _drained.Cancel(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _stopping = lifetime.ApplicationStopping.Register(() => _timer.Change(drain, Timeout.InfiniteTimeSpan));
        (Stopping, Drained) = (lifetime.ApplicationStopping, _drained.Token);
    }

    /// <summary>Fires when the service is told to stop.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Fires when calls have had their time.</summary>
    public CancellationToken Drained { get; }

    /// <summary>What a call is told that the stop ends.</summary>
    public static ServiceException Refusal() => new(
        ErrorReason.ShuttingDown, "The service is stopping. Batches that were not answered may be sent again under their number.");

    /// <summary>Runs a call that may take long.</summary>
    /// <param name="call">The call; its token fires for either reason.</param>
    /// <param name="callEnded">Fires when the client is gone or the deadline has passed.</param>
    /// <exception cref="ServiceException">The service has stopped meanwhile.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken callEnded)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(callEnded, Drained);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException) when (Drained.IsCancellationRequested && !callEnded.IsCancellationRequested)
        {
            throw Refusal();
        }
    }

    /// <summary>Runs a call that answers on a stream.</summary>
    /// <param name="call">The call; its token fires for either reason.</param>
    /// <param name="callEnded">Fires when the client is gone or the deadline has passed.</param>
    /// <exception cref="ServiceException">The service has stopped meanwhile.</exception>
    public Task RunAsync(Func<CancellationToken, Task> call, CancellationToken callEnded) => RunAsync(
        async either =>
        {
            await call(either);
            return true;
        },
        callEnded);

    public void Dispose()
    {
        _stopping.Dispose();
        _timer.Dispose();
        _drained.Dispose();
    }
}
