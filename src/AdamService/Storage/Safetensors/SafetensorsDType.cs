namespace Adam.Service.Storage.Safetensors;

/// <summary>The element types of safetensors files that are known here. Those of sessions are F32, F16 and I32; the others occur in files of others.</summary>
internal enum SafetensorsDType
{
    /// <summary>Bytes.</summary>
    U8,

    /// <summary>IEEE 754 binary16.</summary>
    F16,

    /// <summary>The upper half of a float32.</summary>
    BF16,

    /// <summary>32-bit integers.</summary>
    I32,

    /// <summary>IEEE 754 binary32.</summary>
    F32,

    /// <summary>64-bit integers.</summary>
    I64,

    /// <summary>IEEE 754 binary64.</summary>
    F64,
}
