namespace Adam.Engine;

/// <summary>A rule applied to a variable at the end of each step, as in <c>keras.constraints</c>.</summary>
public abstract record VariableConstraint
{
    private protected VariableConstraint()
    {
    }
}
