using Adam.Engine;

namespace Adam.Bench.StepBench;

/// <summary>A kind of step, and the memory traffic that it cannot do without.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Options">The settings.</param>
/// <param name="Updated">Arrays that are read and written: weights, moments and what the settings add.</param>
/// <param name="Stored">How gradients are stored.</param>
/// <param name="LooksFirst">Whether the gradients have to be read once before anything changes.</param>
internal sealed record Variant(
    string Name, OptimizerOptions Options, int Updated = 3, TensorDType Stored = TensorDType.Float32, bool LooksFirst = false)
{
    /// <summary>All that are measured.</summary>
    public static IReadOnlyList<Variant> All { get; } =
    [
        Of("plain", new AdamOptions()),
        Of("amsgrad", new AdamOptions { AmsGrad = true }, 4),
        Of("ema", new AdamOptions { UseEma = true }, 4),
        Of("weight decay", new AdamOptions { WeightDecay = 0.01 }),
        Of("static unscale", new AdamOptions { LossScaleFactor = 1000 }),
        Of("clipvalue", new AdamOptions { ClipValue = 0.1 }),
        Of("float16 gradients", new AdamOptions()) with { Stored = TensorDType.Float16 },
        Of("bfloat16 gradients", new AdamOptions()) with { Stored = TensorDType.BFloat16 },
        Of("clipnorm", new AdamOptions { ClipNorm = 1 }) with { LooksFirst = true },
        Of("global_clipnorm", new AdamOptions { GlobalClipNorm = 1 }) with { LooksFirst = true },
        new("dynamic loss scale", new OptimizerOptions { DynamicLossScale = new DynamicLossScale() }, LooksFirst: true),
        new("policy REJECT", new OptimizerOptions { NonFinitePolicy = NonFinitePolicy.Reject }, LooksFirst: true),
        Of("amsgrad, ema, decay, unscale", new AdamOptions { AmsGrad = true, UseEma = true, WeightDecay = 0.01, LossScaleFactor = 1000 }, 5),
    ];

    /// <summary>Bytes that a step moves for each parameter.</summary>
    public int BytesPerParameter => (Updated * 8) + (Stored.ElementBytes() * (LooksFirst ? 2 : 1));

    private static Variant Of(string name, AdamOptions options, int updated = 3) => new(name, OptimizerOptions.Of(options), updated);
}
