using System.Collections.Immutable;

namespace Adam.Service.Storage.Safetensors;

/// <summary>One array of a file.</summary>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="DType">The type of its elements.</param>
/// <param name="Shape">Its shape; empty for a scalar.</param>
/// <param name="Begin">Its first byte, counted from the end of the header.</param>
/// <param name="End">The byte after its last one.</param>
internal sealed record SafetensorsEntry(string Name, SafetensorsDType DType, ImmutableArray<long> Shape, long Begin, long End)
{
    /// <summary>How many bytes it has.</summary>
    public long ByteCount => End - Begin;
}
