using Adam.Engine;

namespace Adam.Service.Storage.Safetensors;

/// <summary>What follows from an element type.</summary>
internal static class SafetensorsDTypeExtensions
{
    /// <summary>Bytes of an element.</summary>
    public static int ElementBytes(this SafetensorsDType dtype) => dtype switch
    {
        SafetensorsDType.U8 => 1,
        SafetensorsDType.F16 or SafetensorsDType.BF16 => 2,
        SafetensorsDType.I32 or SafetensorsDType.F32 => 4,
        SafetensorsDType.I64 or SafetensorsDType.F64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "There is no such type."),
    };

    /// <summary>The type of an array of a session.</summary>
    public static SafetensorsDType ToSafetensors(this TensorDType dtype) => dtype switch
    {
        TensorDType.Float32 => SafetensorsDType.F32,
        TensorDType.Float16 => SafetensorsDType.F16,
        TensorDType.Int32 => SafetensorsDType.I32,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "No session has such an array."),
    };
}
