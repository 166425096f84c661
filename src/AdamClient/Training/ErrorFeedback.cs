namespace Adam.Client;

/// <summary>
/// What <see cref="GradientEncoding"/>s have cut off so far, by tensor: it is added to the next gradient before that is encoded, so nothing is lost for
/// ever. It is state of the client, 4 bytes for each element of tensors whose gradients were encoded, also if those were
/// lists of rows: the service knows nothing of it, so whoever wants to go on
/// exactly where a run ended saves it with <see cref="Residual"/> and gives it back with <see cref="Restore"/>. Not thread-safe: one for each open
/// session of a worker.
/// </summary>
/// <remarks>
/// It changes when it is known that a batch was applied or accumulated, also when that turns out after a break, and stays as it is when a batch was refused, skipped or
/// stale, or when the session was closed before it was known. A batch that is sent again after a break is encoded from the same state, to the same bytes. An element whose gradient was not finite has no residual.
/// </remarks>
public sealed class ErrorFeedback
{
    private readonly Dictionary<int, float[]> _residuals = [];

    /// <summary>What is kept of a tensor, in row-major order; empty if nothing is.</summary>
    /// <param name="tensorIndex">The tensor.</param>
    public ReadOnlyMemory<float> Residual(int tensorIndex) => _residuals.GetValueOrDefault(tensorIndex);

    /// <summary>Sets what is kept of a tensor, by a copy.</summary>
    /// <param name="tensorIndex">The tensor.</param>
    /// <param name="residual">As many elements as the tensor has; empty forgets what is kept.</param>
    public void Restore(int tensorIndex, ReadOnlySpan<float> residual)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tensorIndex);
        if (residual.IsEmpty)
        {
            _residuals.Remove(tensorIndex);
        }
        else
        {
            _residuals[tensorIndex] = residual.ToArray();
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _residuals.Clear();

    /// <summary>The residual to read and to change; zeros if there was none.</summary>
    /// <exception cref="ArgumentException">What was restored has another length than the tensor.</exception>
    internal float[] Of(int tensorIndex, long length)
    {
        if (length > Array.MaxLength)
        {
            throw new ArgumentException(
                $"The error feedback of tensor {tensorIndex} would have {length} elements, and {Array.MaxLength} are the most: leave it out, or send gradients as they are.");
        }

        if (!_residuals.TryGetValue(tensorIndex, out var residual))
        {
            _residuals.Add(tensorIndex, residual = new float[length]);
        }

        return residual.Length == length
            ? residual
            : throw new ArgumentException($"The error feedback of tensor {tensorIndex} has {residual.Length} elements, the tensor {length}.");
    }
}
