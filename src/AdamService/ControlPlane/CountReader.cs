using Adam.Service.Errors;

namespace Adam.Service.ControlPlane;

/// <summary>Reads counts, which are 64-bit in the contract and 32-bit in the engine.</summary>
internal static class CountReader
{
    /// <returns>Null where the count was 0, which is what leaving it out means too, and where it was too large.</returns>
    public static int? Read(long value, string field, FieldErrors errors)
    {
        if (value == 0)
        {
            return null;
        }

        if (value is < int.MinValue or > int.MaxValue)
        {
            errors.Add(field, $"expected at most {int.MaxValue}, received {value}.");
            return null;
        }

        return (int)value;
    }
}
