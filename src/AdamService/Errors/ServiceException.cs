using Adam.V1;

namespace Adam.Service.Errors;

/// <summary>A refusal that a client is told about: why, in words and in a form that programs can switch on.</summary>
/// <remarks>Thrown anywhere in the service; <see cref="WireStatus"/> turns it into what goes over the wire.</remarks>
internal sealed class ServiceException : Exception
{
    public ServiceException(ErrorReason reason, string message, params (string Key, string Value)[] metadata)
        : base(message)
    {
        Reason = reason;
        Metadata = metadata;
    }

    /// <summary>The reason; the status code follows from it.</summary>
    public ErrorReason Reason { get; }

    /// <summary>Values that belong to the reason, as documented with it in <c>errors.proto</c>.</summary>
    public IReadOnlyList<(string Key, string Value)> Metadata { get; }
}
