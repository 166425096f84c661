using System.Globalization;
using System.Security;
using System.Text;

namespace Adam.Bench.ServiceBench.Report;

/// <summary>Bars: how long a step takes each way, one block for each table, as a picture (SVG).</summary>
internal sealed class Chart
{
    private const int Width = 920;
    private const int NameWidth = 390;
    private const int BarHeight = 18;
    private const int LineHeight = 24;

    private readonly StringBuilder _shapes = new();
    private int _y = 10;

    /// <summary>Adds the table of a model.</summary>
    public void Add(Workload workload, Table table)
    {
        _y += LineHeight;
        Text(10, _y, $"{workload.Name}: {table.Title}", "font-weight=\"bold\"");
        var longest = table.Rows.Max(row => row.Milliseconds);
        foreach (var row in table.Rows)
        {
            _y += LineHeight;
            var length = row.Milliseconds / longest * (Width - NameWidth - 110);
            Text(10, _y, row.Name);
            Shape($"<rect x=\"{NameWidth}\" y=\"{_y - BarHeight + 4}\" width=\"{length:0.0}\" height=\"{BarHeight}\" fill=\"{Colour(row)}\"/>");
            Text((int)(NameWidth + length + 8), _y, string.Create(CultureInfo.InvariantCulture, $"{row.Milliseconds:0.00} ms"));
        }

        _y += LineHeight / 2;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{_y + 10}\" font-family=\"sans-serif\" font-size=\"13\">\n"
        + $"<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{_shapes}</svg>\n");

    // What the service does stands out from what it is compared with.
    private static string Colour(Row row) => row.Name.StartsWith("raw", StringComparison.Ordinal)
        || row.Name.Contains("in process", StringComparison.Ordinal) ? "#9aa5b1" : "#2f6fb0";

    private void Text(int x, int y, string text, string attributes = "") =>
        Shape($"<text x=\"{x}\" y=\"{y}\" {attributes}>{SecurityElement.Escape(text)}</text>");

    private void Shape(FormattableString shape) => _shapes.Append(shape.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
