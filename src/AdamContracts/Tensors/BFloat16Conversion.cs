using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Adam.V1;

/// <summary>The upper half of a binary32.</summary>
internal readonly struct BFloat16Conversion : IShortFloat
{
    private const uint HalfUnit = 0x7FFF;
    private const uint QuietNaN = 0x40;

    public static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    public static Vector128<float> Widen(Vector128<uint> bits) => (bits << 16).AsSingle();

    public static Vector256<float> Widen(Vector256<uint> bits) => (bits << 16).AsSingle();

    public static Vector512<float> Widen(Vector512<uint> bits) => (bits << 16).AsSingle();

    // Half a unit less one, and one more where the last bit that stays is odd: the sum carries into it exactly where it is to be rounded up.
    public static ushort Narrow(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint upper = bits >> 16;
        return (ushort)(float.IsNaN(value) ? upper | QuietNaN : (bits + (upper & 1) + HalfUnit) >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Narrow(Vector128<float> value)
    {
        Vector128<uint> bits = value.AsUInt32();
        Vector128<uint> upper = bits >>> 16;
        Vector128<uint> rounded = (bits + (upper & Vector128<uint>.One) + Vector128.Create(HalfUnit)) >>> 16;
        return Vector128.ConditionalSelect(Vector128.Equals(value, value).AsUInt32(), rounded, upper | Vector128.Create(QuietNaN));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Narrow(Vector256<float> value)
    {
        Vector256<uint> bits = value.AsUInt32();
        Vector256<uint> upper = bits >>> 16;
        Vector256<uint> rounded = (bits + (upper & Vector256<uint>.One) + Vector256.Create(HalfUnit)) >>> 16;
        return Vector256.ConditionalSelect(Vector256.Equals(value, value).AsUInt32(), rounded, upper | Vector256.Create(QuietNaN));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Narrow(Vector512<float> value)
    {
        Vector512<uint> bits = value.AsUInt32();
        Vector512<uint> upper = bits >>> 16;
        Vector512<uint> rounded = (bits + (upper & Vector512<uint>.One) + Vector512.Create(HalfUnit)) >>> 16;
        return Vector512.ConditionalSelect(Vector512.Equals(value, value).AsUInt32(), rounded, upper | Vector512.Create(QuietNaN));
    }
}
