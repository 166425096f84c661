using System.Globalization;
using System.IO.Compression;

namespace Adam.Samples.DigitsTraining.Digits;

/// <summary>The 1,797 handwritten digits of <c>data/digits.csv.gz</c>: every fifth image of each digit is kept for the test.</summary>
/// <param name="Train">What the network learns from.</param>
/// <param name="Test">What it never sees while it learns.</param>
internal sealed record DigitsDataset(DigitImages Train, DigitImages Test)
{
    private const int TestEvery = 5;
    private const float BrightestPixel = 16;

    /// <summary>Reads the file that was copied beside the program.</summary>
    public static DigitsDataset Load() => Load(Path.Combine(AppContext.BaseDirectory, "data", "digits.csv.gz"));

    /// <summary>Reads a file: one line an image, 64 pixels of 0 to 16, then the digit.</summary>
    public static DigitsDataset Load(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var isTest = ChooseTest(lines);
        return new DigitsDataset(
            Parse(lines.Where((_, index) => !isTest[index])),
            Parse(lines.Where((_, index) => isTest[index])));
    }

    // The file mostly counts from 0 to 9 over and over: every fifth line would be a test of hardly more than two digits.
    private static bool[] ChooseTest(string[] lines)
    {
        var seen = new Dictionary<string, int>();
        return
        [
            .. lines.Select(line =>
            {
                var digit = line[(line.LastIndexOf(',') + 1)..];
                seen[digit] = seen.GetValueOrDefault(digit) + 1;
                return seen[digit] % TestEvery == 0;
            }),
        ];
    }

    private static DigitImages Parse(IEnumerable<string> lines)
    {
        var pixels = new List<float>();
        var labels = new List<int>();
        foreach (var line in lines)
        {
            var fields = line.Split(',');
            if (fields.Length != DigitImages.PixelsPerImage + 1)
            {
                throw new InvalidDataException($"A line has {fields.Length} values instead of {DigitImages.PixelsPerImage + 1}: {line}");
            }

            pixels.AddRange(fields[..^1].Select(field => float.Parse(field, CultureInfo.InvariantCulture) / BrightestPixel));
            labels.Add(int.Parse(fields[^1], CultureInfo.InvariantCulture));
        }

        return new DigitImages([.. pixels], [.. labels]);
    }
}
