using Adam.Bench.ServiceBench.Peers;
using Adam.Bench.ServiceBench.Report;
using Adam.Client;
using Grpc.Net.Client;

namespace Adam.Bench.ServiceBench.Parts;

/// <summary>Many trainers of small models at the same time, each with a session of its own: how many steps there are in a second.</summary>
internal sealed class Crowd : IPart
{
    private const int Trainers = 16;

    public string Name => "crowd";

    public bool Suits(Workload workload) => workload.IsSmall;

    public async Task RunAsync(Yardsticks yardsticks, Rounds rounds, Findings findings)
    {
        var workload = yardsticks.Workload;
        await using var participants = new Participants(workload);
        var service = await participants.ServeAsync();
        await using var raw = await RawPeer.StartAsync(workload.Parameters * sizeof(float), Trainers);
        using var channel = GrpcChannel.ForAddress(service.Url);
        participants.Add(new CrowdPeer("unary Step", await StartAsync(() => UnaryAsync(service.Url, workload, channel))));
        var client = participants.Own(AdamClient.ForAddress(service.Url));
        participants.Add(new CrowdPeer("Train streams of the SDK", await StartAsync(() => StreamAsync(participants, client))));
        var times = await rounds.RunAsync([raw, .. participants.Peers]);
        findings.Add(
            Name,
            workload,
            new Table($"{Trainers} steps at a time, over one TCP connection", ["raw HTTP/2"], [.. times.Select(time => new Row(time.Name, time.Median, [time.Of(times[0])]))]));
        foreach (var time in times)
        {
            findings.Tables.Line($"{time.Name}: {Trainers / time.Median * 1e3:N0} steps a second, {1 / time.Of(times[0]):0.00} of the rate of raw HTTP/2.");
            findings.Tables.Line($"");
        }
    }

    private static async Task<IPeer> StreamAsync(Participants participants, AdamClient client) =>
        new SdkPeer("", participants.Own(await SdkTrainer.StartAsync(client, participants.Session, participants.Memory)), Exchange.Float32, null);

    private static async Task<IPeer> UnaryAsync(string url, Workload workload, GrpcChannel channel) => await UnaryPeer.StartAsync(url, workload, channel);

    private static async Task<IReadOnlyList<IPeer>> StartAsync(Func<Task<IPeer>> start)
    {
        var peers = new List<IPeer>();
        while (peers.Count < Trainers)
        {
            peers.Add(await start());
        }

        return peers;
    }
}
