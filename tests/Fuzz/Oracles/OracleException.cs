using System.Runtime.CompilerServices;

namespace Adam.Fuzz.Oracles;

/// <summary>Something is not as it has to be, though nothing was thrown.</summary>
internal sealed class OracleException(string message) : Exception(message)
{
    /// <summary>Throws if a condition does not hold.</summary>
    public static void ThrowUnless(bool holds, string message)
    {
        if (!holds)
        {
            throw new OracleException(message);
        }
    }

    /// <summary>Throws if a condition does not hold.</summary>
    public static void ThrowUnless(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref FailureText message)
    {
        if (!holds)
        {
            throw new OracleException(message.Take());
        }
    }
}
