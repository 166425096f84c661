using Adam.Client.Tests.Support;
using Adam.Engine;

namespace Adam.Client.Tests.Training;

/// <summary>Gradients that are lists of rows, and replies with the rows that a batch changed.</summary>
[Collection(ServiceGroup.Name)]
public sealed class RowGradientTests(ServiceFixture service)
{
    private const int RowCount = 3000;
    private const int Length = 16;

    private static readonly float[] Initial = Values(RowCount * Length, 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StepAsync_LazyRows_KeepTheCallersWeightsUpToDate(bool withDigest)
    {
        await using var session = await OpenAsync(RowUpdates.Lazy, new OpenOptions { Digest = withDigest });
        float[] weights = [.. Initial], bias = [1, 2];
        for (var step = 1; step <= 3; step++)
        {
            // Enough of them for several chunks of the service's size, with rows that come again.
            long[] ids = [.. Enumerable.Range(0, 20_000).Select(i => i * 7L * step % (RowCount / 2))];
            float[] values = Values(ids.Length * Length, step);

            var result = await session.StepAsync([TensorGradient.OfRows(0, ids, values), new TensorGradient(1, new float[] { 1, 1 })], [weights, bias]);

            Assert.Equal(StepOutcome.Applied, result.Outcome);
            Assert.Equal([0, 1], result.ReceivedTensors);
        }

        var read = await service.Client.ReadTensorsAsync(session.Reference);
        Assert.Equal(read[0], weights);
        Assert.Equal(Initial[(RowCount / 2 * Length)..], weights[(RowCount / 2 * Length)..]);
    }

    [Fact]
    public async Task StepAsync_RowsOfADenseTensor_AreTheDenseGradient()
    {
        await using var session = await OpenAsync(RowUpdates.Dense, new OpenOptions());
        await using var other = await OpenAsync(RowUpdates.Dense, new OpenOptions());
        var dense = new float[RowCount * Length];
        Array.Fill(dense, 1.5f, 5 * Length, Length);
        float[] weights = [.. Initial], expected = [.. Initial], bias = [1, 2];
        float[] values = new float[2 * Length];
        Array.Fill(values, 1f, 0, Length);
        Array.Fill(values, 0.5f, Length, Length);

        await session.StepAsync([TensorGradient.OfRows(0, new long[] { 5, 5 }, values)], [weights, bias]);
        await other.StepAsync([new TensorGradient(0, dense)], [expected, bias]);

        Assert.Equal(expected, weights);
    }

    [Fact]
    public async Task StepAsync_DeltaOfLazyRows_IsZeroElsewhere()
    {
        await using var session = await OpenAsync(RowUpdates.Lazy, new OpenOptions { Reply = ReplyKind.Delta });
        var delta = new float[RowCount * Length];
        Array.Fill(delta, 9f);

        await session.StepAsync([TensorGradient.OfRows(0, new long[] { 2 }, Values(Length, 2))], [delta, Array.Empty<float>()]);

        Assert.All(Enumerable.Range(0, RowCount).Where(row => row != 2), row => Assert.All(delta[(row * Length)..((row + 1) * Length)], value => Assert.Equal(0, value)));
        Assert.All(delta[(2 * Length)..(3 * Length)], value => Assert.NotEqual(0, value));

        Array.Fill(delta, 9f);
        await session.StepAsync([new TensorGradient(1, new float[] { 1, 1 })], [delta, Array.Empty<float>()]);
        Assert.All(delta, value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(0, new long[] { 3000 }, 16, "has rows 0 to 2999; row 3000 is listed")]
    [InlineData(0, new long[] { -1 }, 16, "row -1 is listed")]
    [InlineData(0, new long[] { 1, 2 }, 16, "2 rows of tensor 0 ('embedding/embeddings') have 32 elements; 16 came")]
    [InlineData(0, new long[0], 0, "a list has at least one")]
    public async Task StepAsync_ListThatDoesNotFit_SendsNothing(int tensor, long[] ids, int count, string expected)
    {
        await using var session = await OpenAsync(RowUpdates.Lazy, new OpenOptions());

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => session.StepAsync([TensorGradient.OfRows(tensor, ids, new float[count])]));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.True(session.IsOpen);
    }

    [Fact]
    public async Task CreateSessionAsync_LazyRows_AreInTheDescription()
    {
        await using var session = await OpenAsync(RowUpdates.Lazy, new OpenOptions());

        Assert.Equal(RowUpdates.Lazy, session.Tensors[0].RowUpdates);
        Assert.Equal(RowUpdates.Dense, session.Tensors[1].RowUpdates);
        Assert.Equal(Length, session.Tensors[0].RowLength);
    }

    [Fact]
    public async Task RowSteps_ReadAndWritten_AreTheCountersOfTheRows()
    {
        await using var session = await OpenAsync(RowUpdates.Lazy, new OpenOptions());
        await session.StepAsync([TensorGradient.OfRows(0, new long[] { 2, 2999, 2 }, Values(3 * Length, 1))]);
        await session.StepAsync([TensorGradient.OfRows(0, new long[] { 2 }, Values(Length, 2))]);

        var read = await service.Client.ReadTensorsAsync(
            session.Reference, new ReadOptions { Slots = [TensorSlot.RowSteps, TensorSlot.Weights], DType = TensorDType.BFloat16 });
        var counts = read.RowSteps(0);
        counts[7] = int.MaxValue;
        await service.Client.WriteTensorsAsync(session.Reference, [new TensorWrite(0, counts, TensorSlot.RowSteps)]);
        var again = new int[RowCount];
        var version = await service.Client.ReadTensorsAsync(session.Reference, [again, Array.Empty<float>()], TensorSlot.RowSteps);

        Assert.Equal((RowCount, 2, 1, 0), (counts.Length, counts[2], counts[2999], counts[0]));
        Assert.False(read.Has(1, TensorSlot.RowSteps));
        Assert.Equal(RowCount * Length, read[0].Length);
        Assert.Equal(counts, again);
        Assert.Equal([0], version.ReceivedTensors);
        Assert.Throws<InvalidOperationException>(() => read[0, TensorSlot.RowSteps]);
        Assert.Throws<KeyNotFoundException>(() => read.RowSteps(1));
    }

    [Fact]
    public async Task RowSteps_OfTheWrongTypeOrLength_AreRefusedBeforeTheyAreSent()
    {
        await using var session = await OpenAsync(RowUpdates.Lazy, new OpenOptions());

        Func<Task>[] wrong =
        [
            () => service.Client.WriteTensorsAsync(session.Reference, [new TensorWrite(0, new float[RowCount], TensorSlot.RowSteps)]),
            () => service.Client.WriteTensorsAsync(session.Reference, [new TensorWrite(0, new int[RowCount * Length], TensorSlot.RowSteps)]),
            () => service.Client.WriteTensorsAsync(session.Reference, [new TensorWrite(0, new int[RowCount * Length])]),
            () => service.Client.ReadTensorsAsync(session.Reference, [new float[RowCount], Array.Empty<float>()], TensorSlot.RowSteps),
            () => session.StepAsync([new TensorGradient(1, new int[2])]),
            () => session.StepAsync([new TensorGradient(1, new float[2])], [new int[RowCount * Length], new float[2]]),
        ];

        foreach (var attempt in wrong)
        {
            await Assert.ThrowsAsync<ArgumentException>(attempt);
        }

        Assert.Equal(1UL, session.NextSequence);
    }

    [Fact]
    public async Task RowSteps_OfADenseTensor_AreNotThere()
    {
        await using var session = await OpenAsync(RowUpdates.Dense, new OpenOptions());

        var refused = await Assert.ThrowsAsync<ArgumentException>(
            () => service.Client.ReadTensorsAsync(session.Reference, [new int[RowCount], Array.Empty<float>()], TensorSlot.RowSteps));

        Assert.Contains("has no RowSteps", refused.Message, StringComparison.Ordinal);
    }

    private static float[] Values(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => MathF.Sin((i * 0.37f) + seed))];

    private async Task<OptimizerSession> OpenAsync(RowUpdates rowUpdates, OpenOptions options)
    {
        var created = await service.Client.CreateSessionAsync(new SessionSpec
        {
            Tensors = [new TensorSpec("embedding/embeddings", [RowCount, Length]) { RowUpdates = rowUpdates }, new TensorSpec("dense/bias", [2])],
            InitialWeights = [Initial, new float[] { 1, 2 }],
        });
        return await service.Client.OpenSessionAsync(created.Reference, options);
    }
}
