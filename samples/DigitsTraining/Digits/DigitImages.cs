namespace Adam.Samples.DigitsTraining.Digits;

/// <summary>Images and what they show.</summary>
/// <param name="Pixels">One image after the other, <see cref="PixelsPerImage"/> values of 0 to 1 each.</param>
/// <param name="Labels">The digit of each image, 0 to 9.</param>
internal sealed record DigitImages(float[] Pixels, int[] Labels)
{
    public const int PixelsPerImage = 64;
    public const int Classes = 10;

    public int Count => Labels.Length;

    /// <summary>The pixels of one image.</summary>
    public ReadOnlySpan<float> Image(int index) => Pixels.AsSpan(index * PixelsPerImage, PixelsPerImage);
}
