using Adam.Service.DataPlane;

namespace Adam.Service.Tests.DataPlane;

public sealed class CoverageTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Add_RandomRuns_AgreesWithABitmap(int seed)
    {
        const int Length = 200;
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            var coverage = new Coverage();
            var bitmap = new bool[Length];
            for (var i = 0; i < 120; i++)
            {
                var start = random.Next(Length);
                var end = start + random.Next(Math.Min(8, Length - start + 1));
                var free = !bitmap.AsSpan(start, end - start).Contains(true);

                var result = coverage.Add(start, end);

                Assert.Equal(free ? CoverageResult.Added : CoverageResult.Overlap, result);
                if (free)
                {
                    bitmap.AsSpan(start, end - start).Fill(true);
                }

                Assert.Equal(bitmap.Count(covered => covered), coverage.Count);
                Assert.Equal(Array.IndexOf(bitmap, false), coverage.FirstMissing(Length));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Add_AllRunsInAnyOrder_IsComplete(int seed)
    {
        var runs = Enumerable.Range(0, 500).Select(i => (Start: i * 3L, End: (i * 3L) + 3)).ToArray();
        new Random(seed).Shuffle(runs);
        var coverage = new Coverage();

        foreach (var (start, end) in runs)
        {
            Assert.Equal(CoverageResult.Added, coverage.Add(start, end));
        }

        Assert.Equal(1500, coverage.Count);
        Assert.Equal(-1, coverage.FirstMissing(1500));
        Assert.Equal(CoverageResult.Overlap, coverage.Add(749, 750));
    }

    [Fact]
    public void Add_MoreGapsThanAllowed_IsTooScatteredUntilOneCloses()
    {
        var coverage = new Coverage();
        for (var i = 0L; i < Coverage.RunsMax; i++)
        {
            Assert.Equal(CoverageResult.Added, coverage.Add(i * 2, (i * 2) + 1));
        }

        var beyond = Coverage.RunsMax * 2L;
        Assert.Equal(CoverageResult.TooScattered, coverage.Add(beyond, beyond + 1));
        Assert.Equal(Coverage.RunsMax, coverage.Count);
        Assert.Equal(CoverageResult.Added, coverage.Add(1, 2));
        Assert.Equal(CoverageResult.Added, coverage.Add(beyond, beyond + 1));
    }

    [Fact]
    public void Add_EmptyRun_ChangesNothing()
    {
        var coverage = new Coverage();
        coverage.Add(2, 5);

        Assert.Equal(CoverageResult.Added, coverage.Add(3, 3));
        Assert.Equal(3, coverage.Count);
        Assert.Equal(0, coverage.FirstMissing(5));
    }

    [Fact]
    public void FirstMissing_NoElementsAtAll_IsNone() => Assert.Equal(-1, new Coverage().FirstMissing(0));
}
