using Adam.Engine.Tests.Support;
using Adam.Golden;

namespace Adam.Engine.Tests.Golden;

/// <summary>Compares every schedule with Keras's own tables.</summary>
public sealed class GoldenScheduleTests
{
    private static readonly IReadOnlyList<GoldenScheduleTable> Tables = GoldenFiles.ReadScheduleTables();

    public static TheoryData<int> Indices => [.. Enumerable.Range(0, Tables.Count)];

    [Fact]
    public void Tables_InOutputDirectory_AreNineteen() => Assert.Equal(19, Tables.Count);

    [Theory]
    [MemberData(nameof(Indices))]
    public void At_GoldenTable_GivesKerasBits(int index)
    {
        GoldenScheduleTable table = Tables[index];
        LearningRateSchedule schedule = GoldenAdapter.Schedule(table.Schedule);

        Assert.Empty(schedule.Validate());
        Assert.Equal(table.Steps.Count, table.Rates.Count);
        for (int i = 0; i < table.Steps.Count; i++)
        {
            Bits.AssertSame(table.Rates[i], schedule.At(table.Steps[i]), $"{schedule} at step {table.Steps[i]}");
        }
    }
}
