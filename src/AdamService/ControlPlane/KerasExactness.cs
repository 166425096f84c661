using Adam.Engine;

namespace Adam.Service.ControlPlane;

/// <summary>Whether the bits of a session are Keras's.</summary>
internal static class KerasExactness
{
    /// <summary>Why those of no session may be, on this machine; empty if they are. Found out once.</summary>
    public static string Machine { get; } = MathLibrary.Differences() is { Count: > 0 } differences
        ? $"The machine's mathematical library differs from the one that Keras's numbers were made with: {string.Join("; ", differences)}. "
            + "Results may miss Keras's by a last bit."
        : "";

    /// <summary>Why those of a session may not be; empty if they are.</summary>
    public static string InexactReason(OptimizerOptions options, IReadOnlyList<VariableSpec> tensors)
    {
        var scope = options is { ClipScope: ClipScope.Session, Groups.Length: > 1 }
            ? " The global norm is taken over all groups (CLIP_SCOPE_SESSION), which Keras does not do."
            : "";
        var lazy = tensors.FirstOrDefault(tensor => tensor.RowUpdates == Engine.RowUpdates.Lazy) is { } first
            ? $" Rows of '{first.Path}' that a batch does not list stay as they are (ROW_UPDATES_LAZY), where Keras updates every row."
            : "";
        return $"{Machine}{scope}{lazy}".TrimStart();
    }
}
