using Adam.Engine;

namespace Adam.Service.DataPlane;

/// <summary>A gradient that lies in a log record.</summary>
/// <param name="Elements">The values.</param>
/// <param name="Rows">The rows that there are values for. Null: all.</param>
internal sealed record StoredStage(TensorView Elements, RowView? Rows) : IStagedGradient
{
    // The memory is the record's.
    public void Dispose()
    {
    }
}
