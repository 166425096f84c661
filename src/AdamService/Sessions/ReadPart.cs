using Adam.Engine;
using Adam.V1;

namespace Adam.Service.Sessions;

/// <summary>One slot of one tensor, to be read.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Slot">The slot, as the contract calls it; never UNSPECIFIED.</param>
/// <param name="Elements">Its elements.</param>
internal readonly record struct ReadPart(int Tensor, Slot Slot, TensorView Elements);
