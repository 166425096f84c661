namespace Adam.Engine.Tests.Support;

/// <summary>Managed arrays for tests, where the engine has native memory. float16 elements are shown as the float32 that they are.</summary>
internal static class OptimizerExtensions
{
    /// <summary>A copy of a slot.</summary>
    public static float[] Floats(this AdamOptimizer optimizer, int variable, AdamSlot slot)
    {
        float[] values = optimizer.Slot(variable, slot).ToFloats();
        GC.KeepAlive(optimizer);
        return values;
    }

    /// <summary>Writes a slot.</summary>
    public static void Write(this AdamOptimizer optimizer, int variable, AdamSlot slot, ReadOnlySpan<float> values)
    {
        optimizer.Slot(variable, slot).Write(values);
        GC.KeepAlive(optimizer);
    }

    /// <summary>Sets every element of a slot.</summary>
    public static void Fill(this AdamOptimizer optimizer, int variable, AdamSlot slot, float value) =>
        optimizer.Write(variable, slot, Enumerable.Repeat(value, (int)optimizer.Variables[variable].ElementCount).ToArray());

    /// <summary>One step with gradients in the types that their variables have them in.</summary>
    public static StepReport Step(this AdamOptimizer optimizer, params IReadOnlyList<(int Variable, float[] Values)> gradients) =>
        optimizer.Step(gradients, []);

    /// <summary>One step with numbers of its own.</summary>
    public static StepReport Step(
        this AdamOptimizer optimizer, IReadOnlyList<(int Variable, float[] Values)> gradients, ReadOnlySpan<StepOverrides> overrides)
    {
        using var set = new GradientSet(gradients.Select(gradient => (gradient.Variable, TypeOf(optimizer, gradient.Variable), gradient.Values)));
        return optimizer.Apply(set.Gradients, overrides);
    }

    private static TensorDType TypeOf(AdamOptimizer optimizer, int variable) =>
        variable >= 0 && variable < optimizer.Variables.Length
            ? optimizer.Variables[variable].GradientDType ?? optimizer.Variables[variable].DType
            : TensorDType.Float32;
}
