using System.Buffers.Binary;
using Adam.Fuzz.Oracles;
using Adam.Fuzz.Randomness;
using Adam.Service.DataPlane;

namespace Adam.Fuzz.Targets.Chunks;

/// <summary>
/// Which elements of a tensor have come, for tensors of any length up to 2^63 - 1. Input: the length, then starts and ends of runs, eight
/// bytes each. The answers must be those of a list of runs that nobody tried to make fast.
/// </summary>
internal sealed class CoverageTarget : FuzzTarget
{
    private const int RunsMax = 200;

    public override string Name => "coverage";

    public override IReadOnlyList<string> Outcomes => ["Complete", "Incomplete", "Overlap"];

    public override IEnumerable<(string Name, byte[] Input)> MakeSeeds() =>
    [
        ("whole", Input(10, 0, 10)),
        ("halves", Input(10, 5, 10, 0, 5)),
        ("hole", Input(10, 0, 3, 7, 10, 3, 7)),
        ("overlap", Input(10, 0, 5, 4, 6)),
        ("two-gib", Input((1L << 31) + 1, 0, 1L << 31, 1L << 31, (1L << 31) + 1)),
        ("largest", Input(long.MaxValue, 0, 1L << 62, 1L << 62, long.MaxValue)),
    ];

    public override byte[] MakeInput(IReadOnlyList<byte[]> seeds, Prng random)
    {
        if (random.OneIn(4))
        {
            return base.MakeInput(seeds, random);
        }

        // Cuts of one tensor, in any order, mostly all of them: then it is complete.
        var length = (long)(Interesting.Integer(random) & long.MaxValue);
        var cuts = new SortedSet<long> { 0, length };
        for (var left = random.Length(30); left > 0; left--)
        {
            cuts.Add((long)((random.OneIn(2) ? random.Next() : Interesting.Integer(random)) % ((ulong)length + 1)));
        }

        var runs = cuts.Zip(cuts.Skip(1)).Select(run => (run.First, run.Second, Order: random.Next())).OrderBy(run => run.Order).ToList();
        if (random.OneIn(4) && runs.Count > 0)
        {
            runs[random.Below(runs.Count)] = runs[random.Below(runs.Count)];
        }

        return Input([length, .. runs.SelectMany(run => new[] { run.First, run.Second })]);
    }

    public override string Run(byte[] input)
    {
        var reader = new InputReader(input);
        var length = (long)(reader.UInt64() & long.MaxValue);
        var coverage = new Coverage();
        var model = new List<(long Start, long End)>();
        var hadOverlap = false;
        for (var count = 0; !reader.IsEmpty && count < RunsMax; count++)
        {
            // Callers have checked that a run lies within the tensor.
            var (first, second) = (reader.UInt64() % ((ulong)length + 1), reader.UInt64() % ((ulong)length + 1));
            var (start, end) = ((long)Math.Min(first, second), (long)Math.Max(first, second));
            var overlaps = start < end && model.Exists(run => run.Start < end && start < run.End);
            var result = coverage.Add(start, end);
            OracleException.ThrowUnless(
                result == (overlaps ? CoverageResult.Overlap : CoverageResult.Added), $"{start} to {end} of {length} is {result}, and overlaps is {overlaps}.");
            hadOverlap |= overlaps;
            if (!overlaps && start < end)
            {
                model.Add((start, end));
            }
        }

        var missing = FirstMissing(model, length);
        OracleException.ThrowUnless(
            coverage.FirstMissing(length) == missing && coverage.Count == model.Sum(run => run.End - run.Start),
            $"{coverage.Count} elements of {length} have come, {coverage.FirstMissing(length)} is missing; expected {missing}.");
        return hadOverlap ? "Overlap" : missing < 0 ? "Complete" : "Incomplete";
    }

    private static long FirstMissing(List<(long Start, long End)> runs, long length)
    {
        var position = 0L;
        foreach (var (start, end) in runs.OrderBy(run => run.Start))
        {
            if (start != position)
            {
                break;
            }

            position = end;
        }

        return position == length ? -1 : position;
    }

    private static byte[] Input(params IReadOnlyList<long> numbers)
    {
        var input = new byte[8 * numbers.Count];
        for (var i = 0; i < numbers.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(input.AsSpan(8 * i), numbers[i]);
        }

        return input;
    }
}
