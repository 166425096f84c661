using System.Text.Json;

namespace Adam.Golden;

/// <summary>A learning-rate schedule: its class and its arguments under Keras's names.</summary>
public sealed record GoldenSchedule
{
    private readonly JsonElement _arguments;

    private GoldenSchedule(string className, JsonElement arguments)
    {
        ClassName = className;
        _arguments = arguments;
    }

    /// <summary>Keras's class, e.g. <c>ExponentialDecay</c>.</summary>
    public string ClassName { get; }

    /// <summary>An argument that is a number.</summary>
    public double Number(string name) => _arguments.GetProperty(name).GetDouble();

    /// <summary>An argument that is a number or <c>None</c> or absent.</summary>
    public double? OptionalNumber(string name) => _arguments.OptionalDouble(name);

    /// <summary>An argument that is a flag; false when absent.</summary>
    public bool Flag(string name) => _arguments.Optional(name)?.GetBoolean() ?? false;

    /// <summary>An argument that is a list of numbers.</summary>
    public IReadOnlyList<double> Numbers(string name) => _arguments.GetProperty(name).ToArray(item => item.GetDouble());

    /// <summary>Makes a schedule of a class and a JSON object of arguments.</summary>
    public static GoldenSchedule Of(string className, JsonElement arguments) => new(className, arguments);

    internal static GoldenSchedule Read(JsonElement json) => Of(json.GetText("class_name"), json.GetProperty("config"));
}
