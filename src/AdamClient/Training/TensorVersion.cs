namespace Adam.Client;

/// <summary>Which version of a session was read.</summary>
/// <param name="Version">The version that every element belongs to.</param>
/// <param name="Generation">The session's generation.</param>
/// <param name="Iterations">Keras's raw counter at this version.</param>
public sealed record TensorVersion(ulong Version, ulong Generation, long Iterations)
{
    /// <summary>
    /// The indices of the tensors whose buffers were filled, in order: all that buffers came for, unless
    /// <see cref="ReadIntoOptions.IfNewerThan"/> left some out. A tensor without elements is never among them.
    /// </summary>
    public IReadOnlyList<int> ReceivedTensors { get; init; } = [];
}
