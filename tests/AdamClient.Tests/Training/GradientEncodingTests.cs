using Adam.Client.Tests.Support;
using Adam.Engine;

namespace Adam.Client.Tests.Training;

/// <summary>Gradients that go in shorter encodings, with and without error feedback and digests.</summary>
[Collection(ServiceGroup.Name)]
public sealed class GradientEncodingTests(ServiceFixture service)
{
    private const int Length = 5000;
    private const int Block = 2048;

    private static readonly float[] Initial = Values(1);

    public static TheoryData<GradientEncoding> Encodings => [GradientEncoding.BFloat16, GradientEncoding.Float16, GradientEncoding.Int8Blocks];

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task StepAsync_ShorterEncoding_AppliesTheRoundedGradient(GradientEncoding encoding)
    {
        await using var session = await OpenAsync(new OpenOptions { GradientEncoding = encoding, Digest = true });
        using var engine = Engine();
        var weights = new float[Length];
        for (var step = 1; step <= 2; step++)
        {
            Apply(engine, Rounded(encoding, Values(10 + step)));

            var result = await session.StepAsync([Values(10 + step)], [weights]);

            Assert.Equal(StepOutcome.Applied, result.Outcome);
            Bits.AssertEqual(engine, AdamSlot.Weights, [weights]);
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task StepAsync_WithErrorFeedback_AddsWhatWasCutOffToTheNextGradient(GradientEncoding encoding)
    {
        var feedback = new ErrorFeedback();
        await using var session = await OpenAsync(new OpenOptions { ErrorFeedback = feedback, Digest = true });
        using var engine = Engine();
        var owed = new float[Length];
        var weights = new float[Length];
        for (var step = 1; step <= 3; step++)
        {
            float[] sum = [.. Values(20 + step).Zip(owed, (gradient, residual) => gradient + residual)];
            var sent = Rounded(encoding, sum);
            owed = [.. sum.Zip(sent, (value, rounded) => value - rounded)];
            Apply(engine, sent);

            await session.StepAsync([Values(20 + step)], [weights], new StepOptions { GradientEncoding = encoding });

            Bits.AssertEqual(engine, AdamSlot.Weights, [weights]);
            Assert.Equal(Bits.Of(owed), Bits.Of(feedback.Residual(0).Span));
        }

        Assert.Contains(owed, residual => residual != 0);
    }

    [Fact]
    public async Task StepAsync_RefusedBatch_LeavesTheErrorFeedbackAsItIs()
    {
        var feedback = new ErrorFeedback();
        await using var session = await OpenAsync(new OpenOptions { ErrorFeedback = feedback, GradientEncoding = GradientEncoding.Int8Blocks });
        await session.StepAsync([Values(31)]);
        var before = feedback.Residual(0).ToArray();

        await Assert.ThrowsAsync<AdamException>(() => session.StepAsync([Values(32)], options: new StepOptions { BaseVersion = 1000 }));

        Assert.Equal(Bits.Of(before), Bits.Of(feedback.Residual(0).Span));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task StepAsync_NaNAndInfinity_ArriveAsNotFiniteAndOweNothing(GradientEncoding encoding)
    {
        var feedback = new ErrorFeedback();
        await using var session = await OpenAsync(
            new OpenOptions { ErrorFeedback = feedback, GradientEncoding = encoding, Digest = true },
            new OptimizerSettings { NonFinitePolicy = NonFinitePolicy.Propagate });
        var gradient = Values(41);
        (gradient[0], gradient[Block]) = (float.NaN, float.NegativeInfinity);

        var result = await session.StepAsync([gradient]);

        Assert.Equal(encoding == GradientEncoding.Int8Blocks ? 2UL * Block : 2UL, result.NonFiniteCount);
        Assert.All(feedback.Residual(0).ToArray(), residual => Assert.True(float.IsFinite(residual)));
    }

    [Fact]
    public async Task StepAsync_DigestOfGradientsAsGiven_IsRight()
    {
        await using var session = await OpenAsync(new OpenOptions { Digest = true });

        var single = await session.StepAsync([Values(51)]);
        var half = await session.StepAsync([Array.ConvertAll(Values(52), value => (Half)value)]);
        var shorts = await session.StepAsync(
            [ReadOnlyTensorMemory.BFloat16(Array.ConvertAll(Values(53), value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)))]);
        var without = await session.StepAsync([Values(54)], options: new StepOptions { Digest = false });

        Assert.All([single, half, shorts, without], result => Assert.Equal(StepOutcome.Applied, result.Outcome));
    }

    [Fact]
    public async Task StepAsync_WhatDoesNotFit_IsRefusedBeforeItIsSent()
    {
        var feedback = new ErrorFeedback();
        feedback.Restore(0, [1, 2, 3]);
        await using var session = await OpenAsync(new OpenOptions { ErrorFeedback = feedback });

        await Assert.ThrowsAsync<ArgumentException>(() => session.StepAsync([Values(1)], options: new StepOptions { GradientEncoding = (GradientEncoding)9 }));
        var length = await Assert.ThrowsAsync<ArgumentException>(
            () => session.StepAsync([Values(1)], options: new StepOptions { GradientEncoding = GradientEncoding.BFloat16 }));
        feedback.Restore(0, []);
        var result = await session.StepAsync([Values(1)], options: new StepOptions { GradientEncoding = GradientEncoding.BFloat16 });

        Assert.Contains("3 elements", length.Message, StringComparison.Ordinal);
        Assert.Equal(1UL, result.Sequence);
    }

    [Fact]
    public void Restore_AResidual_IsACopyThatClearForgets()
    {
        var feedback = new ErrorFeedback();
        float[] saved = [1, 2];

        feedback.Restore(3, saved);
        saved[0] = 9;

        Assert.Equal([1f, 2f], feedback.Residual(3).ToArray());
        feedback.Clear();
        Assert.True(feedback.Residual(3).IsEmpty);
    }

    private static float[] Rounded(GradientEncoding encoding, float[] values) => encoding switch
    {
        GradientEncoding.BFloat16 => Array.ConvertAll(values, ToBFloat16),
        GradientEncoding.Float16 => Array.ConvertAll(values, value => (float)(Half)value),
        _ => [.. values.Chunk(Block).SelectMany(ToInt8)],
    };

    // The nearer of the two neighbours, the even one if both are as near.
    private static float ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000;
        var (down, up) = (BitConverter.UInt32BitsToSingle(bits), BitConverter.UInt32BitsToSingle(bits + 0x10000));
        var (below, above) = (Math.Abs((double)value - down), Math.Abs((double)up - value));
        return below < above || (below == above && (bits & 0x10000) == 0) ? down : up;
    }

    private static IEnumerable<float> ToInt8(float[] block)
    {
        var scale = block.Max(MathF.Abs) / 127;
        return block.Select(value => scale * Math.Clamp(MathF.Round(value / scale), -127, 127));
    }

    private static float[] Values(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Length).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(2, random.Next(-6, 3)))];
    }

    private static AdamOptimizer Engine()
    {
        var engine = new AdamOptimizer(new AdamOptions(), [new VariableSpec("w", [Length])]);
        Initial.CopyTo(engine.Slot(0, AdamSlot.Weights).Span<float>());
        return engine;
    }

    private static void Apply(AdamOptimizer engine, float[] gradient)
    {
        using var buffer = TensorBuffer.Of(gradient);
        engine.Apply([new Gradient(0, buffer.View)]);
    }

    private async Task<OptimizerSession> OpenAsync(OpenOptions options, OptimizerSettings? settings = null)
    {
        var created = await service.Client.CreateSessionAsync(new SessionSpec
        {
            Optimizer = settings ?? new OptimizerSettings(),
            Tensors = [new TensorSpec("w", [Length])],
            InitialWeights = [Initial],
        });
        return await service.Client.OpenSessionAsync(created.Reference, options);
    }
}
