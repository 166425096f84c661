using System.Globalization;

namespace Adam.Bench.LoadBench.Figures;

/// <summary>Lines of tables, with numbers as they are written everywhere.</summary>
internal static class Report
{
    /// <summary>A mebibyte.</summary>
    public const double MiB = 1 << 20;

    /// <summary>Writes a row.</summary>
    public static void Row(params FormattableString[] cells) =>
        Console.WriteLine($"| {string.Join(" | ", cells.Select(cell => cell.ToString(CultureInfo.InvariantCulture)))} |");

    /// <summary>Writes the names of columns.</summary>
    public static void Head(params string[] names)
    {
        Console.WriteLine();
        Console.WriteLine($"| {string.Join(" | ", names)} |");
        Console.WriteLine($"|{string.Concat(Enumerable.Repeat(" --- |", names.Length))}");
    }
}
