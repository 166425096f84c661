using System.Runtime.InteropServices;
using Adam.Engine;
using Adam.Service.Errors;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Codec;

/// <summary>Elements on the wire: as in memory, little-endian, two or four bytes each.</summary>
/// <remarks>The wire is little-endian; so is every platform that this service is built for, which is checked at start.</remarks>
internal static class TensorWire
{
    /// <summary>How the elements of a gradient are encoded.</summary>
    /// <param name="dtype">The dtype that was sent.</param>
    /// <param name="tensor">The tensor, whose gradient type applies where none was said.</param>
    /// <param name="field">Where it stands, for the message.</param>
    /// <exception cref="ServiceException">INVALID_FIELD.</exception>
    public static ElementEncoding GradientEncoding(DType dtype, VariableSpec tensor, string field)
    {
        KnownEnum.ThrowIfUnknown(dtype, field);
        return dtype switch
        {
            DType.Int32 => throw new ServiceException(
                ErrorReason.InvalidField, $"{field}: gradients are real numbers; DTYPE_INT32 is of SLOT_ROW_STEPS only.", ("fields", field)),
            DType.Float32 => PlainEncoding.Of(TensorDType.Float32),
            DType.Float16 => PlainEncoding.Of(TensorDType.Float16),
            DType.Bfloat16 => PlainEncoding.Of(TensorDType.BFloat16),
            DType.Float64 => Float64Encoding.For(GradientType(tensor)),
            DType.Int8Blocks => Int8BlocksEncoding.Instance,
            _ => PlainEncoding.Of(GradientType(tensor)),
        };
    }

    /// <summary>The type in which the gradient of a tensor is computed with.</summary>
    public static TensorDType GradientType(VariableSpec tensor) => tensor.GradientDType ?? tensor.DType;

    /// <summary>Refuses every dtype but the variable's own (or none, which means that).</summary>
    /// <param name="dtype">The dtype that was sent or asked for.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="field">Where it stands, for the message.</param>
    /// <exception cref="ServiceException">INVALID_FIELD or NOT_IMPLEMENTED.</exception>
    public static void ThrowIfConverted(DType dtype, VariableSpec tensor, string field)
    {
        KnownEnum.ThrowIfUnknown(dtype, field);
        if (dtype != DType.Unspecified && dtype != ToWire(tensor.DType))
        {
            throw NotImplemented.Field(
                $"{field} = {WireName.Of(dtype)} for tensor '{tensor.Path}' of {WireName.Of(ToWire(tensor.DType))}",
                "Use the tensor's own dtype, or leave the dtype out.");
        }
    }

    /// <summary>Refuses dtypes in which values cannot be sent.</summary>
    /// <param name="dtype">The dtype that was asked for; UNSPECIFIED is each variable's own.</param>
    /// <param name="field">Where it stands, for the message.</param>
    /// <exception cref="ServiceException">INVALID_FIELD or NOT_IMPLEMENTED.</exception>
    public static void ThrowIfNotSent(DType dtype, string field)
    {
        KnownEnum.ThrowIfUnknown(dtype, field);
        if (dtype is not (DType.Unspecified or DType.Float32 or DType.Float16 or DType.Bfloat16))
        {
            throw NotImplemented.Field(
                $"{field} = {WireName.Of(dtype)}",
                "Ask for DTYPE_FLOAT32, DTYPE_FLOAT16 or DTYPE_BFLOAT16, or leave the dtype out to get the tensor's own.");
        }
    }

    /// <summary>How elements are sent. Integers are never anything else.</summary>
    /// <param name="dtype">What <see cref="ThrowIfNotSent"/> let pass.</param>
    /// <param name="own">The type of the variable.</param>
    public static DType SentType(DType dtype, TensorDType own) =>
        dtype == DType.Unspecified || own == TensorDType.Int32 ? ToWire(own) : dtype;

    /// <summary>Bytes of an element as it is sent.</summary>
    public static int ElementBytes(DType dtype) => dtype is DType.Float32 or DType.Int32 ? sizeof(float) : sizeof(ushort);

    /// <summary>The contract's name of an element type.</summary>
    public static DType ToWire(TensorDType dtype) => dtype switch
    {
        TensorDType.Float32 => DType.Float32,
        TensorDType.Float16 => DType.Float16,
        TensorDType.BFloat16 => DType.Bfloat16,
        TensorDType.Int32 => DType.Int32,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Not a dtype of the engine."),
    };

    /// <summary>The engine's name of an element type.</summary>
    /// <exception cref="InvalidDataException">It has none of this type.</exception>
    public static TensorDType ToEngine(DType dtype) => dtype switch
    {
        DType.Float32 => TensorDType.Float32,
        DType.Float16 => TensorDType.Float16,
        DType.Bfloat16 => TensorDType.BFloat16,
        DType.Int32 => TensorDType.Int32,
        _ => throw new InvalidDataException($"The engine has no elements of type {dtype}."),
    };

    /// <summary>Copies wire bytes over elements. They are whole elements and lie within the tensor; the caller has checked it.</summary>
    public static void Decode(ReadOnlySpan<byte> data, TensorView tensor, long offset) =>
        data.CopyTo(tensor.Bytes(offset, data.Length / tensor.DType.ElementBytes()));

    /// <summary>Converts elements to wire bytes of another type: exactly, or rounded to the nearest, ties to even.</summary>
    /// <param name="elements">float32 or float16.</param>
    /// <param name="dtype">FLOAT32, FLOAT16 or BFLOAT16, and not the type of the elements.</param>
    /// <param name="data">Room for as many elements.</param>
    public static void Convert(TensorView elements, DType dtype, Span<byte> data)
    {
        var count = checked((int)elements.ElementCount);
        switch (elements.DType, dtype)
        {
            case (TensorDType.Float32, DType.Float16):
                ElementConversion.NarrowToFloat16(elements.Span<float>(0, count), MemoryMarshal.Cast<byte, ushort>(data));
                break;
            case (TensorDType.Float32, DType.Bfloat16):
                ElementConversion.NarrowToBFloat16(elements.Span<float>(0, count), MemoryMarshal.Cast<byte, ushort>(data));
                break;
            case (TensorDType.Float16, DType.Float32):
                ElementConversion.WidenFloat16(elements.Span<ushort>(0, count), MemoryMarshal.Cast<byte, float>(data));
                break;
            case (TensorDType.Float16, DType.Bfloat16):
                ElementConversion.Float16ToBFloat16(elements.Span<ushort>(0, count), MemoryMarshal.Cast<byte, ushort>(data));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(dtype), dtype, $"There is no conversion from {elements.DType}.");
        }
    }

    /// <summary>Copies elements as wire bytes of any type that is sent.</summary>
    public static ByteString Copy(TensorView elements, DType dtype)
    {
        var count = checked((int)elements.ElementCount);
        if (dtype == ToWire(elements.DType))
        {
            return ByteString.CopyFrom(elements.Bytes(0, count));
        }

        var data = new byte[checked(count * ElementBytes(dtype))];
        Convert(elements, dtype, data);
        return UnsafeByteOperations.UnsafeWrap(data);
    }

    /// <summary>Wraps elements as wire bytes. They must stay until the message has been written.</summary>
    public static unsafe ByteString Encode(TensorView elements)
    {
        if (elements.ElementCount == 0)
        {
            return ByteString.Empty;
        }

#pragma warning disable CA2000 // The wrapper owns nothing: there is nothing to dispose.
        return UnsafeByteOperations.UnsafeWrap(new NativeBytes((byte*)elements.Address, checked((int)elements.ByteCount)).Memory);
#pragma warning restore CA2000
    }
}
