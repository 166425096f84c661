namespace Adam.Engine.Kernels;

/// <summary>What decides which loop is compiled.</summary>
/// <param name="Width">The width.</param>
/// <param name="Flags">What the step does.</param>
/// <param name="State">The type of the variable and its slots.</param>
/// <param name="Stored">How the gradient is stored.</param>
/// <param name="Gradient">The type that it is read as.</param>
/// <param name="Unscaled">The type in which it is unscaled.</param>
/// <param name="Clipped">The type in which it is averaged over the window and clipped.</param>
/// <param name="Scaled">The type of its product with the factor of the global norm.</param>
internal readonly record struct KernelKey(
    KernelWidth Width,
    StepFlags Flags,
    TensorDType State,
    TensorDType Stored,
    TensorDType Gradient,
    TensorDType Unscaled,
    TensorDType Clipped,
    TensorDType Scaled);
