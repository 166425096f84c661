namespace Adam.Engine;

/// <summary>One reason why a list of gradients does not fit an optimizer.</summary>
/// <param name="Position">Position in the list; -1 when the list as a whole is meant.</param>
/// <param name="VariableIndex">The variable index that was given; -1 when the list as a whole is meant.</param>
/// <param name="Message">A sentence that names the tensor and says what was expected and what came.</param>
public sealed record GradientMismatch(int Position, int VariableIndex, string Message);
