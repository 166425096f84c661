namespace Adam.Engine.Tests.Schedules;

public sealed class PiecewiseConstantDecayTests
{
    [Fact]
    public void At_Boundaries_BelongToTheLeft()
    {
        var schedule = new PiecewiseConstantDecay([2, 5], [1, 2, 3]);

        Assert.Equal([1f, 1f, 1f, 2f, 2f, 2f, 3f], Enumerable.Range(0, 7).Select(step => schedule.At(step)));
    }

    [Fact]
    public void At_InfiniteValueElsewhere_IsNaN() =>
        Assert.True(float.IsNaN(new PiecewiseConstantDecay([2], [1, double.PositiveInfinity]).At(0)));

    [Fact]
    public void At_FractionBeyondFloatPrecision_GoesThroughFloat()
    {
        // float32 has no 16777217.5; the nearest is 16777218.
        var schedule = new PiecewiseConstantDecay([16777217.5], [1, 2]);

        Assert.Equal([1f, 2f], new[] { schedule.At(16777218), schedule.At(16777219) });
    }

    [Fact]
    public void At_WholeBoundaryBeyondFloatPrecision_IsExact()
    {
        var schedule = new PiecewiseConstantDecay([16777217], [1, 2]);

        Assert.Equal([1f, 2f], new[] { schedule.At(16777217), schedule.At(16777218) });
    }

    [Fact]
    public void Validate_NoBoundaries_IsRefused() =>
        Assert.Equal("boundaries", Assert.Single(new PiecewiseConstantDecay([], [0.1]).Validate()).Field);

    [Fact]
    public void Validate_DefaultLists_IsRefused() => Assert.Single(new PiecewiseConstantDecay(default, default).Validate());

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(2147483648.0)]
    [InlineData(-2147483649.0)]
    public void Validate_BoundaryNoInt32_IsRefused(double boundary) =>
        Assert.Contains(
            "32-bit",
            Assert.Single(new PiecewiseConstantDecay([boundary], [0.1, 0.2]).Validate()).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Validate_DescendingBoundaries_IsAccepted() => Assert.Empty(new PiecewiseConstantDecay([5, 2], [1, 2, 3]).Validate());

    [Fact]
    public void Equals_SameLists_IsByValue()
    {
        var schedule = new PiecewiseConstantDecay([1, 2], [1, 2, 3]);

        Assert.Equal(schedule, new PiecewiseConstantDecay([1, 2], [1, 2, 3]));
        Assert.Equal(schedule.GetHashCode(), new PiecewiseConstantDecay([1, 2], [1, 2, 3]).GetHashCode());
        Assert.NotEqual(schedule, new PiecewiseConstantDecay([1, 3], [1, 2, 3]));
        Assert.NotEqual(schedule, new PiecewiseConstantDecay(default, default));
    }
}
