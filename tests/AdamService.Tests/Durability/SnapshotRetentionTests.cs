using Adam.Service.Durability;
using Adam.Storage.V1;

namespace Adam.Service.Tests.Durability;

public sealed class SnapshotRetentionTests
{
    [Theory]
    [InlineData(2, 0, "60,50")]
    [InlineData(1, 0, "60")]
    [InlineData(9, 0, "60,50,40,30,20,10")]
    [InlineData(1, 20, "60,40,20")]
    [InlineData(2, 25, "60,50,30")]
    [InlineData(1, 1000, "60")]
    public void Split_KeepsTheNewestAndTheFirstOfEachRun(int kept, long keptEvery, string expected)
    {
        SnapshotEntry[] snapshots = [.. new[] { 60, 50, 40, 30, 20, 10 }.Select(iterations => new SnapshotEntry { Iterations = iterations })];

        var (keep, drop) = SnapshotRetention.Split(snapshots, kept, keptEvery);

        Assert.Equal(expected, string.Join(",", keep.Select(entry => entry.Iterations)));
        Assert.Equal(snapshots.Length, keep.Count + drop.Count);
    }

    [Fact]
    public void LogSequence_IsThatOfTheOldestThatCanBeGoneOnFrom()
    {
        SnapshotEntry[] snapshots = [new() { LogSequence = 30 }, new() { LogSequence = 20 }, new() { LogSequence = 10 }];

        Assert.Equal(20ul, SnapshotRetention.LogSequence(snapshots, 2));
        Assert.Equal(0ul, SnapshotRetention.LogSequence([], 2));
    }
}
