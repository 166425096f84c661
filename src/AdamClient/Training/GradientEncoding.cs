namespace Adam.Client;

/// <summary>How float32 gradients go over the wire. Gradients of other types always go as they are.</summary>
/// <remarks>
/// Lists of rows are encoded like whole tensors. The shorter encodings lose digits; <see cref="ErrorFeedback"/> makes up for it. Arithmetic in the service is the session's own in any case.
/// </remarks>
public enum GradientEncoding
{
    /// <summary>As they are, 4 bytes an element: nothing is lost.</summary>
    AsGiven = 0,

    /// <summary>2 bytes an element: the range of float32 with 8 significant bits, rounded to nearest and ties to even.</summary>
    BFloat16 = 1,

    /// <summary>2 bytes an element: 11 significant bits, rounded to nearest and ties to even; numbers of 65,520 or more become infinite.</summary>
    Float16 = 2,

    /// <summary>
    /// About 1 byte an element: blocks of 2,048, of a list counted from the first row of a chunk, share a scale, the block's largest magnitude divided by 127. A block with an element that is not
    /// finite arrives as NaN, all of it.
    /// </summary>
    Int8Blocks = 3,
}
