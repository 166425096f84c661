using System.Collections.Immutable;
using Adam.Engine;

namespace Adam.Service.Durability;

/// <summary>One array of a session as it stands in a file.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Slot">The slot.</param>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="DType">The type of its elements.</param>
/// <param name="ElementCount">How many there are.</param>
internal sealed record SessionArray(int Tensor, AdamSlot Slot, string Name, ImmutableArray<long> Shape, TensorDType DType, long ElementCount)
{
    /// <summary>Its length in bytes.</summary>
    public long ByteCount => ElementCount * DType.ElementBytes();
}
