using System.Diagnostics.CodeAnalysis;

namespace Adam.Engine;

/// <summary>How an element of a tensor is stored.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "These are the names of the types.")]
public enum TensorDType
{
    /// <summary>IEEE 754 binary32, 4 bytes.</summary>
    Float32 = 0,

    /// <summary>IEEE 754 binary16, 2 bytes.</summary>
    Float16 = 1,

    /// <summary>The upper half of a binary32, 2 bytes. An encoding of gradients only: no variable and no arithmetic is of this type.</summary>
    BFloat16 = 2,

    /// <summary>Signed integers of 4 bytes: the type of <see cref="AdamSlot.RowSteps"/>, and of nothing else.</summary>
    Int32 = 3,
}
