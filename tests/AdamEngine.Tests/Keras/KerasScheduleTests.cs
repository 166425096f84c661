using System.Text.Json;
using Adam.Engine.Tests.Support;
using static Adam.Engine.Tests.Keras.KerasFiles;

namespace Adam.Engine.Tests.Keras;

/// <summary>Schedules that came as JSON give Keras's numbers.</summary>
public sealed class KerasScheduleTests
{
    public static TheoryData<int> Indices => [.. Enumerable.Range(0, ScheduleTables.Count)];

    [Theory]
    [MemberData(nameof(Indices))]
    public void At_ImportedGoldenTable_GivesKerasBits(int index)
    {
        JsonElement table = ScheduleTables[index];
        JsonElement serialized = table.GetProperty("schedule");
        LearningRateSchedule schedule = Schedule(serialized.GetProperty("class_name").GetString()!, serialized.GetProperty("config").GetRawText());
        long[] steps = [.. table.GetProperty("steps").EnumerateArray().Select(step => step.GetInt64())];
        byte[] expected = table.GetProperty("f32_base64").GetBytesFromBase64();

        Assert.Equal(157, steps.Length);
        for (int i = 0; i < steps.Length; i++)
        {
            Bits.AssertSame(BitConverter.ToSingle(expected, i * sizeof(float)), schedule.At(steps[i]), $"{schedule} at {steps[i]}");
        }
    }
}
