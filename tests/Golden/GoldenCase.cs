using System.Text.Json;

namespace Adam.Golden;

/// <summary>One training run that Keras did.</summary>
public sealed record GoldenCase
{
    /// <summary>What the run is about, in Keras's terms.</summary>
    public required string Description { get; init; }

    /// <summary>The optimizer's class: <c>Adam</c>, <c>AdamW</c> or <c>LossScaleOptimizer</c>.</summary>
    public required string Optimizer { get; init; }

    /// <summary>The arguments of the loss scale around the optimizer, if there is one.</summary>
    public required GoldenLossScale? LossScale { get; init; }

    /// <summary>What Keras serialises of the optimizer, as JSON.</summary>
    public required string ConfigJson { get; init; }

    /// <summary>The arguments of the Adam itself.</summary>
    public required GoldenConfig Config { get; init; }

    /// <summary>Whether the learning rate is a callable: each step then has a rate of its own.</summary>
    public required bool LearningRateIsCallable { get; init; }

    /// <summary>The variables in built order.</summary>
    public required IReadOnlyList<GoldenVariable> Variables { get; init; }

    /// <summary>Patterns given to <c>exclude_from_weight_decay(var_names=...)</c>.</summary>
    public required IReadOnlyList<string> ExcludedNames { get; init; }

    /// <summary>Indices of the variables given to <c>exclude_from_weight_decay(var_list=...)</c>.</summary>
    public required IReadOnlyList<int> ExcludedIndices { get; init; }

    /// <summary>The raw iteration counter to set before the first step, if any.</summary>
    public required long? InitialIterations { get; init; }

    /// <summary>The state to load before the first step in Keras's order, if any.</summary>
    public required GoldenState? LoadState { get; init; }

    /// <summary>The steps.</summary>
    public required IReadOnlyList<GoldenStep> Steps { get; init; }

    /// <summary>The variables after <c>finalize_variable_values</c>, if the run ends with it.</summary>
    public required IReadOnlyList<float[]>? FinalizedVariables { get; init; }

    internal static GoldenCase Read(JsonElement json)
    {
        JsonElement? exclusion = json.Optional("exclude_from_weight_decay");
        JsonElement config = json.GetProperty("config");
        bool hasLossScale = json.GetText("optimizer") == "LossScaleOptimizer";
        GoldenVariable[] variables = json.GetProperty("variables").ToArray(GoldenVariable.Read);
        return new GoldenCase
        {
            Description = json.GetText("description"),
            Optimizer = json.GetText("optimizer"),
            LossScale = hasLossScale ? GoldenLossScale.Read(config) : null,
            ConfigJson = config.GetRawText(),
            Config = GoldenConfig.Read(hasLossScale ? config.GetProperty("inner_optimizer").GetProperty("config") : config),
            LearningRateIsCallable = json.Optional("learning_rate_source")?.GetString() == "callable",
            Variables = variables,
            ExcludedNames = exclusion?.Optional("var_names")?.ToArray(name => name.GetString()!) ?? [],
            ExcludedIndices = exclusion?.Optional("var_indices")?.ToArray(index => index.GetInt32()) ?? [],
            InitialIterations = json.Optional("initial_iterations")?.GetInt64(),
            LoadState = json.Optional("load_state") is { } state ? GoldenState.Read(state, hasLossScale) : null,
            Steps = json.GetProperty("steps").ToArray(step => GoldenStep.Read(step, variables)),
            FinalizedVariables = json.Optional("finalize")?.GetProperty("expected").GetProperty("variables")
                .ToFloatArrays([.. variables.Select(variable => variable.DType)]),
        };
    }
}
