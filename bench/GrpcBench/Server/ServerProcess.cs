using System.Globalization;
using System.Text.Json;
using Adam.Bench.GrpcBench.Figures;
using Adam.Bench.LoadBench.Processes;

namespace Adam.Bench.GrpcBench.Server;

/// <summary>This program once more, as the server.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Companion _companion;

    private ServerProcess(Companion companion, int rawPort, int grpcPort) => (_companion, RawPort, GrpcPort) = (companion, rawPort, grpcPort);

    /// <summary>Where raw HTTP/2 is.</summary>
    public int RawPort { get; }

    /// <summary>Where the gRPC runtime is.</summary>
    public int GrpcPort { get; }

    /// <summary>Starts it.</summary>
    public static async Task<ServerProcess> StartAsync()
    {
        var companion = Companion.Start(BenchServer.Verb);
        string[] ports = (await companion.ReadAnswerAsync()).Split(' ');
        return new ServerProcess(companion, int.Parse(ports[0], CultureInfo.InvariantCulture), int.Parse(ports[1], CultureInfo.InvariantCulture));
    }

    /// <summary>What it has used so far.</summary>
    /// <param name="collected">The generation that is collected before, if any.</param>
    public async Task<ProcessFigures> LookAsync(int? collected) =>
        JsonSerializer.Deserialize<ProcessFigures>(await _companion.AskAsync(JsonSerializer.Serialize(collected)));

    public ValueTask DisposeAsync() => _companion.DisposeAsync();
}
