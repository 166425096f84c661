using System.Globalization;
using System.Text.Json;
using Adam.Bench.GrpcBench.Clients;
using Adam.Bench.GrpcBench.Figures;
using Adam.Bench.GrpcBench.Server;
using Adam.Bench.LoadBench.Processes;

namespace Adam.Bench.GrpcBench;

/// <summary>A client in its process, with the server's process at the other end.</summary>
internal sealed class Contestant : IAsyncDisposable
{
    private readonly ServerProcess _server;
    private readonly Companion _client;

    /// <summary>Starts the client.</summary>
    public Contestant(ClientKind kind, WindowSizing windows, ServerProcess server)
    {
        _server = server;
        Name = kind == ClientKind.Raw ? "raw HTTP/2, defaults" : $"gRPC, {(windows == WindowSizing.Fixed ? "fixed" : "dynamic")} windows";
        int port = kind == ClientKind.Raw ? server.RawPort : server.GrpcPort;
        _client = Companion.Start(ClientProgram.Verb, kind.ToString(), windows.ToString(), port.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>What it is called in tables.</summary>
    public string Name { get; }

    /// <summary>Takes a turn.</summary>
    public async Task<Turn> TakeAsync(TurnRequest request)
    {
        ProcessFigures before = await _server.LookAsync(request.CollectedBefore);
        ClientTurn turn = JsonSerializer.Deserialize<ClientTurn>(await _client.AskAsync(JsonSerializer.Serialize(request)));
        return new Turn(turn.Seconds, turn.Used, await _server.LookAsync(request.CollectedAfter) - before);
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
