using System.Runtime.InteropServices;
using Adam.Service.Errors;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Codec;

/// <summary>float32 on the wire: four bytes an element, little-endian.</summary>
internal static class Float32Wire
{
    /// <summary>Bytes of one element.</summary>
    public const int ElementBytes = sizeof(float);

    /// <summary>Refuses every dtype but float32 (or none, which means the variable's own).</summary>
    /// <param name="dtype">The dtype that was sent or asked for.</param>
    /// <param name="field">Where it stands, for the message.</param>
    public static void ThrowIfOther(DType dtype, string field)
    {
        KnownEnum.ThrowIfUnknown(dtype, field);
        if (dtype is not (DType.Unspecified or DType.Float32))
        {
            throw NotImplemented.Field($"{field} = {WireName.Of(dtype)}", "Use DTYPE_FLOAT32, or leave the dtype out.");
        }
    }

    /// <summary>Copies wire bytes over elements. The lengths must agree; the caller has checked them.</summary>
    public static void Decode(ReadOnlySpan<byte> data, Span<float> elements) => data.CopyTo(MemoryMarshal.AsBytes(elements));

    /// <summary>Wraps elements as wire bytes. They must not change until the message has been written.</summary>
    public static ByteString Encode(Memory<float> elements)
    {
        if (elements.IsEmpty)
        {
            return ByteString.Empty;
        }

#pragma warning disable CA2000 // The wrapper owns nothing: there is nothing to dispose.
        return UnsafeByteOperations.UnsafeWrap(new FloatMemory(elements).Memory);
#pragma warning restore CA2000
    }
}
