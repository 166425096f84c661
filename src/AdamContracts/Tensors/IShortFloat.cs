using System.Runtime.Intrinsics;

namespace Adam.V1;

/// <summary>A floating-point type of 16 bits, to float32 and back, in every width. Patterns in vectors have 32 bits each, of which the upper ones are zero.</summary>
internal interface IShortFloat
{
    static abstract float Widen(ushort bits);

    static abstract Vector128<float> Widen(Vector128<uint> bits);

    static abstract Vector256<float> Widen(Vector256<uint> bits);

    static abstract Vector512<float> Widen(Vector512<uint> bits);

    static abstract ushort Narrow(float value);

    static abstract Vector128<uint> Narrow(Vector128<float> value);

    static abstract Vector256<uint> Narrow(Vector256<float> value);

    static abstract Vector512<uint> Narrow(Vector512<float> value);
}
