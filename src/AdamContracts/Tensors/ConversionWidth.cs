namespace Adam.V1;

/// <summary>How many elements a conversion takes at a time.</summary>
internal enum ConversionWidth
{
    /// <summary>One: the reference for the others, and what is left over at their end.</summary>
    Scalar,

    /// <summary>Vectors of 128 bits.</summary>
    Vector128,

    /// <summary>Vectors of 256 bits.</summary>
    Vector256,

    /// <summary>Vectors of 512 bits.</summary>
    Vector512,
}
