using Adam.Bench.ServiceBench.Report;

namespace Adam.Bench.ServiceBench.Parts;

/// <summary>Ways to take a step over a socket, beside raw HTTP/2 and the engine in process.</summary>
internal abstract class SocketPart : IPart
{
    public abstract string Name { get; }

    public virtual bool Suits(Workload workload) => true;

    public async Task RunAsync(Yardsticks yardsticks, Rounds rounds, Findings findings)
    {
        await using var participants = new Participants(yardsticks.Workload);
        await EnterAsync(participants);
        var times = await rounds.RunAsync([await yardsticks.GetRawAsync(), yardsticks.GetEngine(), .. participants.Peers]);
        findings.Add(Name, yardsticks.Workload, ToTable(TitleOf(yardsticks.Workload), times, yardsticks.GetTorch()));
    }

    /// <summary>What stands above the table.</summary>
    protected abstract string TitleOf(Workload workload);

    /// <summary>Brings those who take part.</summary>
    protected abstract Task EnterAsync(Participants participants);

    private static Table ToTable(string title, IReadOnlyList<Times> times, double? torch)
    {
        var (raw, engine) = (times[0], times[1]);
        if (torch is not { } milliseconds)
        {
            return new Table(title, ["raw HTTP/2", "the engine"], [.. times.Select(time => new Row(time.Name, time.Median, [time.Of(raw), time.Of(engine)]))]);
        }

        List<Row> rows = [.. times.Select(time => new Row(time.Name, time.Median, [time.Of(raw), time.Of(engine), time.Median / milliseconds]))];
        rows.Insert(2, new Row("torch.optim.Adam, in process", milliseconds, [milliseconds / raw.Median, milliseconds / engine.Median, 1]));
        return new Table(title, ["raw HTTP/2", "the engine", "torch"], rows);
    }
}
