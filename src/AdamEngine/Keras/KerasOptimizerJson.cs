using System.Diagnostics.CodeAnalysis;
using System.Text;
using Adam.Engine.Keras;

namespace Adam.Engine;

/// <summary>
/// Keras's serialised optimizer: what <c>json.dumps(keras.optimizers.serialize(optimizer))</c> writes and what a saved model holds
/// under <c>compile_config.optimizer</c>.
/// </summary>
/// <remarks>
/// What Keras wrote comes back as the same text. Not part of Keras's configuration, and lost therefore: exclusions from weight
/// decay, iterations, slots. Not kept: truth values in place of numbers (they become 1.0 and 0.0), whatever is not what Keras writes
/// itself (other spellings of a class name, <c>decay</c>, an inner <c>loss_scale_factor</c>, which Keras drops as well), and the
/// digits of a rate beyond float32, which is what Keras saves.
/// </remarks>
public static class KerasOptimizerJson
{
    /// <summary>The longest text that is read, in bytes of UTF-8.</summary>
    public const int BytesMax = 1 << 20;

    /// <summary>
    /// Reads Adam, AdamW, or a LossScaleOptimizer around one of them, with the checks and messages of Keras's constructors. Missing
    /// arguments have Keras's defaults; a Python callable as the learning rate becomes <see cref="LearningRate.Supplied"/>.
    /// </summary>
    /// <param name="json">
    /// The serialised object, as Python writes it: <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c> are numbers; <c>1</c> and <c>1.0</c>
    /// are not the same. At most <see cref="BytesMax"/>.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="json"/> is null.</exception>
    /// <exception cref="KerasConfigException">Keras or this engine refuses it; every reason is listed.</exception>
    public static OptimizerOptions Import(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (json.Length > BytesMax || Encoding.UTF8.GetByteCount(json) > BytesMax)
        {
            throw new KerasConfigException([new OptionError("", $"The text is longer than {BytesMax} bytes.")]);
        }

        var errors = new List<OptionError>();
        OptimizerOptions options = OptimizerImport.Read(Parse(json), errors);
        return errors.Count == 0 ? options : throw new KerasConfigException(errors);
    }

    /// <summary>Writes what Keras writes for the same optimizer.</summary>
    /// <param name="options">The options; a constant learning rate is written as its float32 value, as Keras does.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="KerasConfigException">
    /// The options are refused by <see cref="OptimizerOptionsValidator"/>, or have no Keras form: several groups, a policy or scope
    /// that Keras lacks, a supplied rate that came from no Keras callable. Every reason is listed.
    /// </exception>
    public static string Export(OptimizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<OptionError> errors = OptimizerExport.Obstacles(options);
        return errors.Count == 0 ? OptimizerExport.Write(options) : throw new KerasConfigException(errors);
    }

    /// <summary>Like <see cref="Export"/>, for callers to whom it is no error that there is no Keras form.</summary>
    /// <param name="options">The options.</param>
    /// <param name="json">The text; null when there is none.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    public static bool TryExport(OptimizerOptions options, [NotNullWhen(true)] out string? json)
    {
        ArgumentNullException.ThrowIfNull(options);
        json = OptimizerExport.Obstacles(options).Count == 0 ? OptimizerExport.Write(options) : null;
        return json is not null;
    }

    private static PythonValue Parse(string json)
    {
        try
        {
            return PythonJsonReader.Read(json);
        }
        catch (PythonJsonException refusal)
        {
            throw new KerasConfigException([new OptionError("", refusal.Message)]);
        }
    }
}
