using System.Diagnostics.CodeAnalysis;

namespace Adam.Engine;

/// <summary>Keras's serialised optimizer: what <c>json.dumps(keras.optimizers.serialize(optimizer))</c> writes.</summary>
public static class KerasOptimizerJson
{
    /// <summary>Reads Adam, AdamW, or a LossScaleOptimizer around one of them.</summary>
    /// <param name="json">The serialised object.</param>
    /// <exception cref="KerasConfigException">Keras or this engine refuses it; every reason is listed.</exception>
    public static OptimizerOptions Import(string json) => throw new KerasConfigException([new OptionError("", "Not available.")]);

    /// <summary>Writes what Keras writes for the same optimizer.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="KerasConfigException">The options have no Keras form; every reason is listed.</exception>
    public static string Export(OptimizerOptions options) => throw new KerasConfigException([new OptionError("", "Not available.")]);

    /// <summary>Like <see cref="Export"/>, for callers to whom it is no error that there is no Keras form.</summary>
    /// <param name="options">The options.</param>
    /// <param name="json">The text; null when there is none.</param>
    public static bool TryExport(OptimizerOptions options, [NotNullWhen(true)] out string? json)
    {
        json = null;
        return false;
    }
}
