using Adam.Client.Internal;
using Adam.Client.Tests.Support;

namespace Adam.Client.Tests.Training;

/// <summary>Lists of rows that go in shorter encodings.</summary>
public sealed class EncodedRowsTests(SmallChunksFixture service) : IClassFixture<SmallChunksFixture>
{
    private const int RowCount = 300;
    private const int Length = 50;

    public static TheoryData<GradientEncoding> Encodings => [GradientEncoding.BFloat16, GradientEncoding.Float16, GradientEncoding.Int8Blocks];

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task StepAsync_EncodedRows_AreWhatTheEncodingMeans(GradientEncoding encoding)
    {
        var (ids, values) = Rows(1);
        await using var encoded = await OpenAsync(new OpenOptions { GradientEncoding = encoding, Digest = true });
        await using var plain = await OpenAsync(new OpenOptions());

        await encoded.StepAsync([TensorGradient.OfRows(0, ids, values)]);
        await plain.StepAsync([TensorGradient.OfRows(0, ids, Sent(encoding, values))]);

        Assert.Equal(await WeightsAsync(plain), await WeightsAsync(encoded));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task StepAsync_EncodedRowsWithFeedback_AddWhatARowIsOwedOnce(GradientEncoding encoding)
    {
        var feedback = new ErrorFeedback();
        await using var encoded = await OpenAsync(new OpenOptions { GradientEncoding = encoding, ErrorFeedback = feedback, Digest = true });
        await using var plain = await OpenAsync(new OpenOptions());
        var owed = new float[RowCount * Length];
        for (var step = 1; step <= 3; step++)
        {
            var (ids, values) = Rows(step);
            var wanted = Wanted(ids, values, owed);
            var sent = Sent(encoding, wanted);
            Owe(ids, wanted, sent, owed);

            await encoded.StepAsync([TensorGradient.OfRows(0, ids, values)]);
            await plain.StepAsync([TensorGradient.OfRows(0, ids, sent)]);

            Assert.Equal(Bits.Of(owed), Bits.Of(feedback.Residual(0).Span));
        }

        Assert.Contains(owed, residual => residual != 0);
        Assert.Equal(await WeightsAsync(plain), await WeightsAsync(encoded));
    }

    // A row that is listed more than once is owed the first time.
    private static float[] Wanted(long[] ids, float[] values, float[] owed)
    {
        var wanted = values.ToArray();
        foreach (var place in Enumerable.Range(0, ids.Length).Where(place => Array.IndexOf(ids, ids[place]) == place))
        {
            for (var i = 0; i < Length; i++)
            {
                wanted[(place * Length) + i] += owed[(ids[place] * Length) + i];
            }
        }

        return wanted;
    }

    private static void Owe(long[] ids, float[] wanted, float[] sent, float[] owed)
    {
        for (var place = 0; place < ids.Length; place++)
        {
            for (var i = 0; i < Length; i++)
            {
                var rest = wanted[(place * Length) + i] - sent[(place * Length) + i];
                ref var kept = ref owed[(ids[place] * Length) + i];
                kept = Array.IndexOf(ids, ids[place]) == place ? rest : kept + rest;
            }
        }
    }

    // Chunk by chunk of as many whole rows as fit, each row with its id and scales of its own counted.
    private static float[] Sent(GradientEncoding encoding, float[] values)
    {
        var sent = values.ToArray();
        var rows = InterruptedModel.ChunkBytes / (GradientCoding.Bytes(encoding, Length) + sizeof(long));
        for (var start = 0; start < sent.Length; start += rows * Length)
        {
            var chunk = sent.AsSpan(start, Math.Min(rows * Length, sent.Length - start));
            var bytes = new byte[GradientCoding.Bytes(encoding, chunk.Length)];
            for (var done = 0; done < chunk.Length; done += GradientCoding.BlockElements)
            {
                GradientCoding.EncodeBlock(encoding, chunk[done..Math.Min(done + GradientCoding.BlockElements, chunk.Length)], bytes, done, chunk.Length);
            }
        }

        return sent;
    }

    // Some rows come more than once, in one chunk and in several.
    private static (long[] Ids, float[] Values) Rows(int seed)
    {
        var random = new Random(seed);
        long[] ids = [.. Enumerable.Range(0, 400).Select(_ => (long)random.Next(RowCount)), 5, 5, 7];
        return (ids, [.. Enumerable.Range(0, ids.Length * Length).Select(_ => (random.NextSingle() * 2) - 1)]);
    }

    private async Task<OptimizerSession> OpenAsync(OpenOptions options)
    {
        var created = await service.Client.CreateSessionAsync(new SessionSpec
        {
            Tensors = [new TensorSpec("embedding/embeddings", [RowCount, Length]) { RowUpdates = RowUpdates.Lazy }],
            InitialWeights = [new float[RowCount * Length]],
        });
        return await service.Client.OpenSessionAsync(created.Reference, options);
    }

    private async Task<int[]> WeightsAsync(OptimizerSession session) => Bits.Of((await service.Client.ReadTensorsAsync(session.Reference))[0]);
}
