using Adam.Engine;
using Adam.V1;

namespace Adam.Service.Sessions;

/// <summary>One slot of one tensor, to be read.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Slot">The slot, as the contract calls it; never UNSPECIFIED.</param>
/// <param name="Elements">Its elements, or those of the rows that are read.</param>
internal readonly record struct ReadPart(int Tensor, Slot Slot, TensorView Elements)
{
    /// <summary>The rows that are read, in their order. Null: all elements are.</summary>
    public long[]? Rows { get; init; }

    /// <summary>Elements of one of these rows.</summary>
    public long RowLength => Rows is { Length: > 0 } rows ? Elements.ElementCount / rows.Length : 0;
}
