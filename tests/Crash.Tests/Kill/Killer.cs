using System.Diagnostics;
using Adam.Crash.Tests.Service;

namespace Adam.Crash.Tests.Kill;

/// <summary>Keeps a service on a data directory, and kills it at moments of chance.</summary>
internal sealed class Killer(
    string dataDirectory, ServiceSeat seat, Acknowledgements acknowledgements, Random random, ServicePlace? place = null) : IAsyncDisposable
{
    // Small segments, so that they are begun and released all the time.
    private static readonly string[] Settings = ["Durability:LogSegmentBytes=1048576", "Durability:SnapshotAfterLogOfStates=8"];

    private MortalService? _service;

    /// <summary>Starts the first one.</summary>
    public async Task StartAsync()
    {
        _service = Launch();
        await _service.WaitUntilReadyAsync();
        seat.Take(_service);
    }

    /// <summary>Waits for some answers and a little longer, kills, and starts the next one; sometimes kills that as well while it starts.</summary>
    /// <param name="answersMax">The most answers that it waits for.</param>
    /// <param name="clients">What ends if a client fails.</param>
    public async Task OnceAsync(int answersMax, Task clients)
    {
        await await Task.WhenAny(acknowledgements.WaitForMoreAsync(random.Next(1, answersMax)), clients);
        Spin(TimeSpan.FromMilliseconds(random.NextDouble() * 3));
        seat.Leave();
        await EndAsync();
        if (random.Next(4) == 0)
        {
            _service = Launch();
            await Task.Delay(random.Next(400));
            await EndAsync();
        }

        try
        {
            await StartAsync();
        }
        catch (Exception error)
        {
            seat.Fail(error);
            throw;
        }
    }

    /// <summary>Kills the service and starts none.</summary>
    public Task KillAsync()
    {
        seat.Leave();
        return EndAsync();
    }

    /// <summary>Stops the service in order and starts it again.</summary>
    public async Task RestartInOrderAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Stops the service in order.</summary>
    public async Task StopAsync()
    {
        seat.Leave();
        Assert.Equal(0, await _service!.StopAsync());
        await _service.DisposeAsync();
        _service = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
    }

    private MortalService Launch() => place is null
        ? MortalService.Launch(dataDirectory, Settings)
        : MortalService.Launch(dataDirectory, Settings, grpcUrl: place.Url);

    private async Task EndAsync()
    {
        await _service!.KillAsync();
        await _service.DisposeAsync();
        _service = null;
    }

    /// <summary>Lets so much time go by, exactly.</summary>
    public static void Spin(TimeSpan time)
    {
        var begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < time)
        {
        }
    }
}
