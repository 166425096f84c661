using System.Collections.Immutable;
using Adam.Engine;

namespace Adam.Service.Storage.Safetensors;

/// <summary>An array to be written.</summary>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Elements">Its elements, which must stay as they are until they are written.</param>
internal sealed record SafetensorsArray(string Name, ImmutableArray<long> Shape, TensorView Elements);
