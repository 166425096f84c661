using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace Adam.Golden;

/// <summary>An optimizer's variables in the order of Keras's <c>save_own_variables</c>.</summary>
/// <param name="Iterations">The raw iteration counter, which is always the first.</param>
/// <param name="Arrays">The others in order; the learning rate is one of them only when it is a number.</param>
/// <param name="LossScale">What stands before them if a loss scale is around the optimizer.</param>
public sealed record GoldenState(long Iterations, IReadOnlyList<float[]> Arrays, GoldenLossScaleState? LossScale)
{
    internal static GoldenState Read(JsonElement json, bool hasLossScale)
    {
        var entries = new Queue<JsonElement>(
            json.EnumerateObject().OrderBy(entry => int.Parse(entry.Name, CultureInfo.InvariantCulture)).Select(entry => entry.Value));
        GoldenLossScaleState? lossScale = hasLossScale ? ReadLossScale(entries) : null;
        return new GoldenState(ReadInteger(entries.Dequeue()), [.. entries.Select(ReadArray)], lossScale);
    }

    // The loss scale has an iteration and a learning rate of its own, which mean nothing.
    private static GoldenLossScaleState ReadLossScale(Queue<JsonElement> entries)
    {
        entries.Dequeue();
        entries.Dequeue();
        return new GoldenLossScaleState(ReadInteger(entries.Dequeue()), ReadArray(entries.Dequeue())[0]);
    }

    private static int ReadInteger(JsonElement entry) =>
        BinaryPrimitives.ReadInt32LittleEndian(Convert.FromBase64String(entry.GetText("data")));

    private static float[] ReadArray(JsonElement entry) => entry.GetProperty("data").ToFloats(entry.GetText("dtype"));
}
