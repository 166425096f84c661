namespace Adam.Bench.ServiceBench.Report;

/// <summary>Everything that came out: tables, and a picture for each part.</summary>
internal sealed class Findings
{
    private readonly Dictionary<string, Chart> _charts = [];

    /// <summary>The tables.</summary>
    public Markdown Tables { get; } = new();

    /// <summary>Adds a table, and its bars to the picture of a part.</summary>
    public void Add(string part, Workload workload, Table table)
    {
        Tables.Add(table);
        if (!_charts.TryGetValue(part, out var chart))
        {
            _charts.Add(part, chart = new Chart());
        }

        chart.Add(workload, table);
    }

    /// <summary>Writes <c>service-bench.md</c> and <c>service-bench-PART.svg</c>.</summary>
    public async Task WriteAsync(DirectoryInfo folder, CancellationToken cancellationToken)
    {
        folder.Create();
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "service-bench.md"), Tables.ToString(), cancellationToken);
        foreach (var (part, chart) in _charts)
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, $"service-bench-{part}.svg"), chart.ToString(), cancellationToken);
        }
    }
}
