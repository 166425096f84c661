namespace Adam.Bench.StepBench;

/// <summary>The tensors of real models, worked out from their architecture: many, and of uneven size.</summary>
internal static class Models
{
    /// <summary>GPT-2 small: 12 blocks of width 768, 50,257 tokens, 1,024 positions; 124,439,808 parameters in 148 tensors.</summary>
    public static IReadOnlyList<long> Gpt2Small()
    {
        const long Width = 768;
        var lengths = new List<long> { 50257 * Width, 1024 * Width };
        for (int block = 0; block < 12; block++)
        {
            lengths.AddRange(
            [
                Width, Width, Width * 3 * Width, 3 * Width, Width * Width, Width,
                Width, Width, Width * 4 * Width, 4 * Width, 4 * Width * Width, Width,
            ]);
        }

        lengths.AddRange([Width, Width]);
        return lengths;
    }

    /// <summary>ResNet-50: convolutions, each with scale and shift, in stages of 3, 4, 6 and 3 bottlenecks; 25,557,032 parameters.</summary>
    public static IReadOnlyList<long> ResNet50()
    {
        var lengths = new List<long>();
        Convolution(3, 64, 7);
        long input = 64;
        foreach ((int blocks, long width) in new[] { (3, 64L), (4, 128L), (6, 256L), (3, 512L) })
        {
            for (int block = 0; block < blocks; block++)
            {
                Convolution(input, width, 1);
                Convolution(width, width, 3);
                Convolution(width, 4 * width, 1);
                if (block == 0)
                {
                    Convolution(input, 4 * width, 1);
                }

                input = 4 * width;
            }
        }

        lengths.AddRange([input * 1000, 1000]);
        return lengths;

        void Convolution(long from, long to, long size) => lengths.AddRange([from * to * size * size, to, to]);
    }
}
