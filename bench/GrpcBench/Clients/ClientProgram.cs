using System.Diagnostics;
using System.Text.Json;
using Adam.Bench.GrpcBench.Figures;
using Adam.Bench.LoadBench.Processes;

namespace Adam.Bench.GrpcBench.Clients;

/// <summary>
/// The process of one client. A line says how its next turn goes; the answer says what that took. It is alone in its process, because how HTTP/2 windows
/// are sized holds for a whole one.
/// </summary>
internal static class ClientProgram
{
    /// <summary>The verb.</summary>
    public const string Verb = "client";

    /// <summary>Takes turns until the input ends.</summary>
    public static async Task RunAsync(ClientKind kind, WindowSizing windows, int port)
    {
        // Before the first handler, which reads it once. Set for all, so that no environment decides what is measured.
        AppContext.SetSwitch(Http2Windows.Switch, windows == WindowSizing.Fixed);
        using ITransferClient client = kind == ClientKind.Raw ? new RawClient(port) : new GrpcClient(port);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            ClientTurn turn = await TakeAsync(client, JsonSerializer.Deserialize<TurnRequest>(line));
            Console.WriteLine(Companion.AnswerMark + JsonSerializer.Serialize(turn));
        }
    }

    private static async Task<ClientTurn> TakeAsync(ITransferClient client, TurnRequest request)
    {
        ProcessFigures before = ProcessFigures.Take(request.CollectedBefore);
        long start = Stopwatch.GetTimestamp();
        await (request.Part switch
        {
            Part.Echo => client.EchoAsync(request.Pieces),
            Part.Upload => client.UploadAsync(request.Pieces),
            Part.Download => client.DownloadAsync(request.Pieces),
            _ => client.UnaryAsync(request.Pieces),
        });
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new ClientTurn(seconds, ProcessFigures.Take(request.CollectedAfter) - before);
    }
}
