using System.Diagnostics;
using System.Globalization;

namespace Adam.Bench.GrpcBench;

/// <summary>This program once more, as the server.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, int rawPort, int grpcPort)
    {
        _process = process;
        RawPort = rawPort;
        GrpcPort = grpcPort;
    }

    public int RawPort { get; }

    public int GrpcPort { get; }

    /// <summary>What both processes have used of the processors so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime + Environment.CpuUsage.TotalTime;
        }
    }

    public static async Task<ServerProcess> StartAsync()
    {
        Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(ServerProcess).Assembly.Location, "server"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        string[] ports = (await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server did not start.")).Split(' ');
        return new ServerProcess(process, int.Parse(ports[0], CultureInfo.InvariantCulture), int.Parse(ports[1], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
