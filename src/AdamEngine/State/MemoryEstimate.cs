using Adam.Engine.State;

namespace Adam.Engine;

/// <summary>How much memory an optimizer's numbers take, known before they are allocated.</summary>
public static class MemoryEstimate
{
    /// <summary>Bytes per element of each slot: float32.</summary>
    private const int BytesPerElement = sizeof(float);

    /// <summary>Bytes that every parameter (one element of a variable) takes, its own value included.</summary>
    /// <param name="options">The configuration, which decides what slots there are.</param>
    public static long BytesPerParameter(AdamOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return (long)SlotLayout.Count(options) * BytesPerElement;
    }

    /// <summary>Bytes of all slots of all variables, the variables' own values included; exact but for object headers.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="variables">The variables.</param>
    /// <exception cref="OverflowException">The total, or the size of a variable, exceeds 2^63 - 1.</exception>
    public static long Bytes(AdamOptions options, IReadOnlyList<VariableSpec> variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        long bytesPerParameter = BytesPerParameter(options);
        long bytes = 0;
        foreach (VariableSpec variable in variables)
        {
            bytes = checked(bytes + variable.ElementCount * bytesPerParameter);
        }

        return bytes;
    }
}
