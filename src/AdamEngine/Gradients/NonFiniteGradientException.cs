namespace Adam.Engine;

/// <summary>A gradient has a NaN or an infinity, and the policy is <see cref="NonFinitePolicy.Reject"/>. Nothing was changed.</summary>
public sealed class NonFiniteGradientException : ArgumentException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="variableIndex">The variable of the first such gradient in the list.</param>
    /// <param name="path">Its path.</param>
    /// <param name="count">How many elements of all gradients together are not finite.</param>
    public NonFiniteGradientException(int variableIndex, string path, long count)
        : base(
            $"{count} gradient elements are NaN or infinite, the first of them in the gradient of variable {variableIndex} ('{path}'). "
            + "The policy is to reject such steps; nothing was changed.")
    {
        VariableIndex = variableIndex;
        Count = count;
    }

    /// <summary>The variable of the first such gradient in the list.</summary>
    public int VariableIndex { get; }

    /// <summary>How many elements of all gradients together are not finite.</summary>
    public long Count { get; }
}
