namespace Adam.Client;

/// <summary>Tensor data does not fit its tensor, or some of it is missing.</summary>
public sealed class TensorMismatchException : AdamException
{
    internal TensorMismatchException(AdamError error)
        : base(error)
    {
        Tensor = error.Text("tensor");
    }

    /// <summary>The name of the tensor, if the service named it.</summary>
    public string? Tensor { get; }
}
