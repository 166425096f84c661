using System.Globalization;
using System.Text;

namespace Adam.Bench.ServiceBench.Report;

/// <summary>Tables for documents, shown as they come.</summary>
internal sealed class Markdown
{
    private readonly StringBuilder _text = new();

    /// <summary>Begins what there is about a model.</summary>
    public void Begin(Workload workload)
    {
        Line($"### {workload.Name}: {workload.Parameters:N0} parameters in {workload.Lengths.Count} tensors");
        Line($"");
    }

    /// <summary>Adds a table.</summary>
    public void Add(Table table)
    {
        Line($"#### {table.Title}");
        Line($"");
        Line($"| a step by | milliseconds |{string.Concat(table.Others.Select(other => $" of {other} |"))}");
        Line($"| --- | --- |{string.Concat(table.Others.Select(_ => " --- |"))}");
        foreach (var row in table.Rows)
        {
            var ratios = string.Concat(row.Ratios.Select(ratio => string.Create(CultureInfo.InvariantCulture, $" {ratio:0.00} |")));
            Line($"| {row.Name} | {row.Milliseconds:0.000} |{ratios}");
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
