using Adam.Service.Errors;
using Adam.V1;

namespace Adam.Service.Codec;

/// <summary>Refuses enum values that the contract does not have, which protobuf lets through as numbers.</summary>
internal static class KnownEnum
{
    /// <summary>Throws for a value that has no name.</summary>
    /// <param name="value">The value that was sent.</param>
    /// <param name="field">Where it stands, for the message.</param>
    /// <exception cref="ServiceException">INVALID_FIELD.</exception>
    public static void ThrowIfUnknown<T>(T value, string field)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            throw new ServiceException(
                ErrorReason.InvalidField, $"{field}: {value:D} is not a value of {typeof(T).Name} in this contract.", ("fields", field));
        }
    }
}
