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
    public Contestant(ClientKind kind, ServerProcess server)
    {
        (Kind, _server) = (kind, server);
        int port = kind == ClientKind.Raw ? server.RawPort : server.GrpcPort;
        _client = Companion.Start(ClientProgram.Verb, kind.ToString(), port.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Who it is.</summary>
    public ClientKind Kind { get; }

    /// <summary>What it is called in tables.</summary>
    public string Name => Kind switch
    {
        ClientKind.Raw => "raw HTTP/2, defaults",
        ClientKind.Grpc => "gRPC, fixed windows",
        _ => "gRPC, dynamic windows",
    };

    /// <summary>Takes a turn.</summary>
    public async Task<Turn> TakeAsync(TurnRequest request)
    {
        ProcessFigures before = await _server.LookAsync(request.CollectedBefore);
        ClientTurn turn = JsonSerializer.Deserialize<ClientTurn>(await _client.AskAsync(JsonSerializer.Serialize(request)));
        return new Turn(turn.Seconds, turn.Used, await _server.LookAsync(request.CollectedAfter) - before);
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
