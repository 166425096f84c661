namespace Adam.Engine.Kernels;

/// <summary>
/// The operations of a kernel on a number of float32 elements side by side. Kernels are written once over this interface and compiled
/// for each width; every arithmetic operation is one IEEE 754 operation with one rounding per element, so the bits do not depend on the
/// width.
/// </summary>
/// <typeparam name="TVector">The elements side by side.</typeparam>
/// <typeparam name="TSums">Sixteen sums, one for each remainder of an element's index by sixteen.</typeparam>
internal unsafe interface ILanes<TVector, TSums>
    where TVector : unmanaged
    where TSums : unmanaged
{
    /// <summary>How many elements; a power of two, at most 16.</summary>
    static abstract int Width { get; }

    static abstract TVector Broadcast(float value);

    static abstract TVector LoadFloat32(float* source);

    static abstract void StoreFloat32(TVector value, float* destination);

    /// <summary>Reads binary16 patterns; every one is exactly a float32.</summary>
    static abstract TVector LoadFloat16(ushort* source);

    /// <summary>Writes elements that are exactly representable in binary16, as <see cref="RoundToFloat16"/> gives them.</summary>
    static abstract void StoreFloat16(TVector value, ushort* destination);

    /// <summary>Reads the upper halves of float32 patterns.</summary>
    static abstract TVector LoadBFloat16(ushort* source);

    /// <summary>Reads binary64 numbers, each rounded to the nearest float32, ties to even. Needs no alignment.</summary>
    static abstract TVector LoadFloat64(double* source);

    /// <summary>
    /// Reads binary64 numbers for rounding to binary16: cut off to float32 precision, with the last bit set where something was cut off. Rounding
    /// what comes out of it is then the same as rounding the number itself. Needs no alignment.
    /// </summary>
    static abstract TVector LoadFloat64Sticky(double* source);

    /// <summary>Reads signed bytes.</summary>
    static abstract TVector LoadInt8(sbyte* source);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector Subtract(TVector left, TVector right);

    static abstract TVector Multiply(TVector left, TVector right);

    static abstract TVector Divide(TVector left, TVector right);

    static abstract TVector SquareRoot(TVector value);

    /// <summary>The larger one; NaN if either is NaN; of zeros of different sign the second.</summary>
    static abstract TVector Maximum(TVector left, TVector right);

    /// <summary>The smaller one; NaN if either is NaN; of zeros of different sign the second.</summary>
    static abstract TVector Minimum(TVector left, TVector right);

    /// <summary>Rounds to the nearest binary16 number, ties to even; the result is kept as float32.</summary>
    static abstract TVector RoundToFloat16(TVector value);

    /// <summary>Adds the squares, each rounded once before it is added. The lane of an element follows from its index.</summary>
    static abstract void AddSquares(ref TSums sums, TVector values, long index);

    /// <summary>Takes up the sums where another loop left them.</summary>
    static abstract TSums LoadSums(float* lanes);

    /// <summary>Leaves the sums to another loop. Handing them on, and not adding sums of parts, keeps the order of the additions.</summary>
    static abstract void StoreSums(in TSums sums, float* lanes);
}
