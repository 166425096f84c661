using Adam.Engine;

namespace Adam.Service.ControlPlane;

/// <summary>Whether the bits of this process are Keras's, found out once.</summary>
internal static class KerasExactness
{
    /// <summary>Why they may not be; empty if they are.</summary>
    public static string InexactReason { get; } = MathLibrary.Differences() is { Count: > 0 } differences
        ? $"The machine's mathematical library differs from the one that Keras's numbers were made with: {string.Join("; ", differences)}. "
            + "Results may miss Keras's by a last bit."
        : "";
}
