using System.Globalization;
using System.Text;

namespace Adam.Bench.StepBench;

/// <summary>Rows that are shown as they come and kept as Markdown.</summary>
internal sealed class Table
{
    private readonly StringBuilder _markdown = new(
        "| parameters | threads | step | M parameters/s | GB/s | of the ceiling (quartiles) | scalar code | bytes allocated |\n"
        + "| --- | --- | --- | --- | --- | --- | --- | --- |\n");

    public void Add(params object[] cells)
    {
        string row = $"| {string.Join(" | ", cells.Select(cell => string.Create(CultureInfo.InvariantCulture, $"{cell}")))} |";
        Console.WriteLine(row);
        _markdown.Append(row).Append('\n');
    }

    public void Note(string text)
    {
        Console.WriteLine(text);
        _markdown.Append('\n').Append(text).Append('\n');
    }

    public override string ToString() => _markdown.ToString();
}
