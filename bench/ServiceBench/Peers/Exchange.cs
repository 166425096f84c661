using Adam.Client;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>How gradients travel in a step, and what comes back.</summary>
internal static class Exchange
{
    /// <summary>float32 both ways.</summary>
    public static StepOptions Float32 { get; } = new() { Reply = ReplyKind.Weights };

    /// <summary>bfloat16 both ways.</summary>
    public static StepOptions BFloat16 { get; } = Float32 with { GradientEncoding = GradientEncoding.BFloat16, ReplyDType = TensorDType.BFloat16 };

    /// <summary>float16 both ways.</summary>
    public static StepOptions Float16 { get; } = Float32 with { GradientEncoding = GradientEncoding.Float16, ReplyDType = TensorDType.Float16 };

    /// <summary>float32 in, and nothing but the result out.</summary>
    public static StepOptions Nothing { get; } = Float32 with { Reply = ReplyKind.None };
}
