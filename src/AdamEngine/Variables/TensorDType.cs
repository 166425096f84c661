using System.Diagnostics.CodeAnalysis;

namespace Adam.Engine;

/// <summary>Element type of a variable and of its slots.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "These are the names of the types.")]
public enum TensorDType
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32 = 0,

    /// <summary>IEEE 754 binary16. Variables of this type are refused: not supported yet.</summary>
    Float16 = 1,
}
