using Adam.Service.Configuration;
using Microsoft.Extensions.Options;

namespace Adam.Service.Hosting;

/// <summary>Stops the service when its standard input ends, if it was told to.</summary>
internal sealed class StdinWatch(IOptions<ServerOptions> options, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.StopWithStdin)
        {
            return;
        }

        // A read of a pipe cannot be cancelled, so it must not be what a stop waits for; and it lasts as long as the process,
        // so it has a thread of its own instead of one of the pool's few.
        var ended = Task.Factory.StartNew(ReadToEnd, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await ended.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lifetime.StopApplication();
    }

    private static void ReadToEnd()
    {
        using var stdin = Console.OpenStandardInput();
        var buffer = new byte[256];
        while (stdin.Read(buffer) > 0)
        {
            // What is written there means nothing; only its end does.
        }
    }
}
