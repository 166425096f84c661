using System.Text.Json;
using Adam.Golden;
using static Adam.Engine.Tests.Keras.KerasFiles;

namespace Adam.Engine.Tests.Keras;

/// <summary>Every constructor call that was recorded with Keras, given as JSON: the same outcome with the same words.</summary>
public sealed class KerasOutcomeTests
{
    /// <summary>Keras accepts this one and then counts in floats.</summary>
    private const string Stricter = "constructor Adam(gradient_accumulation_steps=2.5)";

    private static readonly Dictionary<string, GoldenOutcome> Rows =
        GoldenFiles.ReadOutcomes().Where(row => row.Kind == "constructor").ToDictionary(row => row.Key);

    public static TheoryData<string> Keys => [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Import_RecordedCall_HasKerasOutcome(string key)
    {
        GoldenOutcome row = Rows[key];

        string? message = Message(Json(row));

        if (key == Stricter)
        {
            Assert.Contains("must be an integer here", message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(row.Message, message);
        }
    }

    [Theory]
    [InlineData("\"Adam\"", null)]
    [InlineData("\"adam\"", null)]
    [InlineData("\"ADAM\"", null)]
    [InlineData("3", "Could not interpret optimizer identifier: 3")]
    [InlineData("null", "Could not interpret optimizer identifier: None")]
    [InlineData("[1, 2.0, \"a\"]", "Could not interpret optimizer identifier: [1, 2.0, 'a']")]
    [InlineData("""{"class_name": "Adam", "config": {"foo": 1}}""", "Argument(s) not recognized: {'foo': 1}")]
    public void Import_Identifier_HasKerasOutcome(string json, string? expected) => Assert.Equal(expected, Message(json));

    [Fact]
    public void Import_UnknownClass_SaysWhatIsSupported() =>
        Assert.Equal(
            "Could not interpret optimizer identifier: adamx (supported are Adam, AdamW, and LossScaleOptimizer around one of them)",
            Message("\"adamx\""));

    private static string? Message(string json)
    {
        try
        {
            KerasOptimizerJson.Import(json);
            return null;
        }
        catch (KerasConfigException refusal)
        {
            return Assert.Single(refusal.Errors).Message;
        }
    }

    private static string Json(GoldenOutcome row)
    {
        List<string> members = [.. row.Arguments.Select(argument => $"{JsonSerializer.Serialize(argument.Key)}: {argument.Value.GetRawText()}")];
        if (row.What == "LossScaleOptimizer")
        {
            members.Add($"\"inner_optimizer\": {AdamOf("{}")}");
        }

        string config = $"{{{string.Join(", ", members)}}}";
        return row.What is "Adam" or "AdamW" or "LossScaleOptimizer"
            ? Serialized("keras.optimizers", row.What, config)
            : AdamWithSchedule(row.What, config);
    }
}
