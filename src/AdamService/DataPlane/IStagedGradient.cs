using Adam.Engine;

namespace Adam.Service.DataPlane;

/// <summary>The gradient of one tensor that has come wholly, and the memory that it lies in.</summary>
internal interface IStagedGradient : IDisposable
{
    /// <summary>The values: of all elements, or of the rows that are listed.</summary>
    TensorView Elements { get; }

    /// <summary>The rows that there are values for, each once and ascending. Null: all.</summary>
    RowView? Rows { get; }
}
