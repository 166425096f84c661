using System.Globalization;
using Adam.Bench.LoadBench.Processes;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>
/// What raw HTTP/2, as Kestrel and <see cref="SocketsHttpHandler"/> come, needs to carry a step's gradients in and weights out: two processes of their own.
/// </summary>
internal sealed class RawPeer : IPeer
{
    private readonly Companion _server;
    private readonly Companion _client;

    private RawPeer(Companion server, Companion client) => (_server, _client) = (server, client);

    public string Name => "raw HTTP/2, defaults";

    /// <summary>Starts the processes.</summary>
    /// <param name="bytes">What a step carries each way.</param>
    /// <param name="callers">How many take a step at the same time, over one connection.</param>
    public static async Task<RawPeer> StartAsync(long bytes, int callers = 1)
    {
        var server = Companion.Start(RawProgram.Verb);
        var url = await server.ReadAnswerAsync();
        return new RawPeer(server, Companion.Start(
            RawClientProgram.Verb, url, bytes.ToString(CultureInfo.InvariantCulture), callers.ToString(CultureInfo.InvariantCulture)));
    }

    public Task StepAsync() => TimeAsync(1);

    // By the clock of the client, so that asking it takes no time.
    public async Task<TimeSpan> TimeAsync(int steps) =>
        TimeSpan.FromTicks(long.Parse(await _client.AskAsync(steps.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }
}
