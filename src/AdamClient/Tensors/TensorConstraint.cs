namespace Adam.Client;

/// <summary>A rule that is applied to a variable after each update, as <c>keras.constraints</c>.</summary>
public abstract record TensorConstraint
{
    private protected TensorConstraint()
    {
    }
}
