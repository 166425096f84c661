using System.Diagnostics.CodeAnalysis;

namespace Adam.Client;

/// <summary>An element type. Variables are float32 or float16; bfloat16 is an encoding of gradients, replies and reads only; integers are counters.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "These are the names of the types.")]
public enum TensorDType
{
    /// <summary>A type that this version of the SDK does not know.</summary>
    Unknown = 0,

    /// <summary>IEEE 754 binary32, 4 bytes: <see cref="float"/>.</summary>
    Float32 = 1,

    /// <summary>IEEE 754 binary16, 2 bytes: <see cref="Half"/>.</summary>
    Float16 = 2,

    /// <summary>The upper half of a binary32, 2 bytes, as its bits in a <see cref="ushort"/>.</summary>
    BFloat16 = 3,

    /// <summary>Signed integers of 4 bytes: <see cref="int"/>; of <see cref="TensorSlot.RowSteps"/> only.</summary>
    Int32 = 4,
}
