using System.Diagnostics;
using System.IO.Pipelines;
using Adam.Bench.LoadBench.Figures;
using Adam.Service.Configuration;
using Adam.Service.Connections;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Adam.Bench.LoadBench.Guard;

/// <summary>What the guard adds to a DATA frame of 16 KiB: its readers and writers beside those that they wrap, without sockets.</summary>
internal sealed class FrameCost(int rounds, int frames)
{
    private const int StreamId = 1;

    public async Task RunAsync()
    {
        var feed = new FrameFeed();
        var drain = new FrameDrain();
        var context = new DefaultConnectionContext { Transport = new DuplexPipe(feed, drain) };
        var options = new Http2Options();
        var connection = new GuardedConnection(context, options, TimeProvider.System, NullLogger.Instance);
        var connections = new GuardedConnections(Options.Create(options), TimeProvider.System, NullLogger<GuardedConnections>.Instance);
        connection.Add(StreamId, new PacedCall(new DefaultHttpContext(), options, connections, TimeProvider.System, NullLogger.Instance));

        PipeReader guardedReader = new GuardedPipeReader(feed, connection);
        PipeWriter guardedWriter = new GuardedPipeWriter(drain, new OutgoingFrames(connection));
        connection.Observe(new System.Buffers.ReadOnlySequence<byte>("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray()));
        await CompareAsync("received", () => ReadAsync(feed), () => ReadAsync(guardedReader));
        await CompareAsync("sent", () => WriteAsync(drain), () => WriteAsync(guardedWriter));
    }

    private async Task CompareAsync(string name, Func<Task> bare, Func<Task> guarded)
    {
        await bare();
        await guarded();
        var differences = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            var without = await TimeAsync(bare);
            differences.Add(await TimeAsync(guarded) - without);
        }

        Report.Row(
            $"a DATA frame of 16 KiB that is {name}, without sockets",
            $"{differences.Median():0} ns ({differences.Quantile(0.25):0} to {differences.Quantile(0.75):0})");
    }

    private async Task<double> TimeAsync(Func<Task> run)
    {
        var start = Stopwatch.GetTimestamp();
        await run();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / frames;
    }

    private async Task ReadAsync(PipeReader reader)
    {
        for (var frame = 0; frame < frames; frame++)
        {
            var read = await reader.ReadAsync();
            reader.AdvanceTo(read.Buffer.End);
        }
    }

    private async Task WriteAsync(PipeWriter writer)
    {
        for (var frame = 0; frame < frames; frame++)
        {
            writer.Advance(writer.GetMemory().Length);
            await writer.FlushAsync();
        }
    }
}
