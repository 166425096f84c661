using System.Globalization;
using System.Text;

namespace Adam.Bench.ServiceBench.Report;

/// <summary>Tables for documents, shown as they come.</summary>
internal sealed class Markdown
{
    private readonly StringBuilder _text = new();

    /// <summary>Adds the table of a model.</summary>
    public void Add(Workload workload, IEnumerable<Row> rows)
    {
        Line($"### {workload.Name}: {workload.Parameters:N0} parameters in {workload.Lengths.Count} tensors");
        Line($"");
        Line($"| a step by | milliseconds | of raw HTTP/2 | of the engine | of torch |");
        Line($"| --- | --- | --- | --- | --- |");
        foreach (var row in rows)
        {
            var torch = row.OfTorch is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "";
            Line($"| {row.Name} | {row.Milliseconds:0.000} | {row.OfRaw:0.00} | {row.OfEngine:0.00} | {torch} |");
        }

        Line($"");
    }

    /// <summary>Adds the table of a model over shared memory.</summary>
    public void Add(Workload workload, IEnumerable<SharedRow> rows)
    {
        Line($"### Shared memory, {workload.Name}: {workload.Parameters:N0} parameters in {workload.Lengths.Count} tensors");
        Line($"");
        Line($"| a step by | milliseconds | of the engine | of the engine, fastest rounds |");
        Line($"| --- | --- | --- | --- |");
        foreach (var row in rows)
        {
            Line($"| {row.Name} | {row.Milliseconds:0.000} | {row.OfEngine:0.00} | {row.OfEngineAtBest:0.00} |");
        }

        Line($"");
    }

    /// <summary>Adds a sentence.</summary>
    public void Line(FormattableString line)
    {
        var text = line.ToString(CultureInfo.InvariantCulture);
        Console.WriteLine(text);
        _text.Append(text).Append('\n');
    }

    public override string ToString() => _text.ToString();
}
