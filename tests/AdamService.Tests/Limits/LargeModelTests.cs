using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.Limits;

/// <summary>A budget of three billion elements is kept: what does not fit is refused before a byte of it is uploaded, and leaves nothing behind.</summary>
public sealed class LargeModelTests
{
    private const long Billion = 1_000_000_000;

    // Weights and two moments of float32.
    private const long Budget = 3 * Billion * 12;

    public static TheoryData<long[], AdamConfig, long, long> TooLarge => new()
    {
        // One tensor of more elements than an int counts, and than a uint does.
        { [3 * Billion + 1_000_000], new AdamConfig(), 0, 36_012_000_000 },
        { [5 * Billion], new AdamConfig(), 0, 60_000_000_000 },
        // Many that would each fit.
        { [.. Enumerable.Repeat(1_000_000L, 3001)], new AdamConfig(), 0, 36_012_000_000 },
        // Settings that bring slots.
        { [3 * Billion], new AdamConfig { Amsgrad = true }, 0, 48_000_000_000 },
        { [3 * Billion], new AdamConfig { UseEma = true }, 0, 48_000_000_000 },
        { [3 * Billion], new AdamConfig(), 2, 48_000_000_000 },
        { [3 * Billion], new AdamConfig { Amsgrad = true, UseEma = true }, 4, 72_000_000_000 },
    };

    [Theory]
    [MemberData(nameof(TooLarge))]
    public async Task CreateSession_MoreThanTheBudget_IsRefusedBeforeAnythingIsSent(long[] elements, AdamConfig settings, long accumulation, long bytes)
    {
        await using var service = await StartAsync();
        var request = Of(elements, settings);
        request.Optimizer.GradientAccumulationSteps = accumulation;

        var refusal = await Refusal.OfAsync(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => service.CreateAsync(request));
        var estimate = await EstimateAsync(service, request);

        Assert.Equal(("MemoryBytes", $"{Budget}", "Limits:MemoryBytes"), (refusal.Metadata["limit"], refusal.Metadata["value"], refusal.Metadata["option"]));
        var needed = long.Parse(refusal.Metadata["needed"], null);

        // Arrays begin on cache lines, and large slots at different places of a page.
        Assert.InRange(needed, bytes, bytes + (elements.Length * 6 * 64) + (6 * 4096));
        Assert.Contains($"needs {needed} bytes; {Budget} of {Budget} are free, {needed - Budget} too few.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal((false, refusal.Message, (ulong)needed), (estimate.Admitted, estimate.Refusal, estimate.StateBytes));
        await AssertNothingIsLeftAsync(service);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(20)]
    public async Task CreateSession_MoreThan64BitsCount_IsRefused(int tensors)
    {
        await using var service = await StartAsync();
        var request = Of([.. Enumerable.Repeat(1L << 58, tensors)], new AdamConfig());

        var refusal = await Refusal.OfAsync(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => service.CreateAsync(request));
        var estimate = await Refusal.OfAsync(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => EstimateAsync(service, request));

        Assert.Equal(("MemoryBytes", $"{Budget}", "more than 9223372036854775807"), (refusal.Metadata["limit"], refusal.Metadata["value"], refusal.Metadata["needed"]));
        Assert.Contains($"needs more than 9223372036854775807 bytes, and the limit is {Budget}", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(refusal.Message, estimate.Message);
        await AssertNothingIsLeftAsync(service);
    }

    [Fact]
    public async Task CreateSession_MoreThanIsLeft_SaysHowMuchIsLeft()
    {
        await using var service = await StartAsync();
        var made = await service.CreateAsync(Requests.Create("small", Floats.Random(96, 1)));
        var request = Of([3 * Billion], new AdamConfig());
        var exact = (await EstimateAsync(service, request)).StateBytes;

        var refusal = await Refusal.OfAsync(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => service.CreateAsync(request));

        Assert.Equal($"{Budget - (long)made.StateBytes}", refusal.Metadata["free"]);
        Assert.Contains($"{(long)exact - Budget + (long)made.StateBytes} too few", refusal.Message, StringComparison.Ordinal);
        Assert.Equal((long)made.StateBytes, service.Memory.ReservedBytes);
    }

    [Fact]
    public async Task EstimateSession_WithinTheBudget_IsAdmitted()
    {
        await using var service = await StartAsync();

        var estimate = await EstimateAsync(service, Of([Billion, (2 * Billion) - 10_000], new AdamConfig()));

        Assert.Equal((true, ""), (estimate.Admitted, estimate.Refusal));
        Assert.Equal(4 * ((3 * (ulong)Billion) - 10_000), estimate.StagingBytes);
        await AssertNothingIsLeftAsync(service);
    }

    [Fact]
    public async Task CreateSession_MoreThanTheSystemGives_IsRefusedThoughTheBudgetAllowsIt()
    {
        // More bytes than there are addresses.
        await using var service = await TestService.StartAsync(("Limits:MemoryBytes", $"{1L << 62}"));
        var request = Of([1L << 50], new AdamConfig());

        var refusal = await Refusal.OfAsync(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => service.CreateAsync(request));

        Assert.Equal(("system", "Limits:MemoryBytes"), (refusal.Metadata["limit"], refusal.Metadata["option"]));
        await AssertNothingIsLeftAsync(service);
    }

    [Fact]
    public async Task CreateSession_ConstraintThatNeedsAsMuchAsTheWeights_IsCounted()
    {
        // Each element is a line of its own along axis 0.
        await using var service = await TestService.StartAsync(("Limits:MemoryBytes", "16000"));
        var request = Of([], new AdamConfig());
        request.Tensors.Add(new TensorSpec { Name = "t", Shape = { 1, 1024 }, Constraint = new Constraint { MaxNorm = new MaxNormConstraint { Axis = 0 } } });

        var refusal = await Refusal.OfAsync(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => service.CreateAsync(request));

        Assert.Equal($"{4 * 4096}", refusal.Metadata["needed"]);
        await AssertNothingIsLeftAsync(service);
    }

    [Fact]
    public async Task CreateSession_ConstraintWithMoreNormsThanAnArrayHolds_IsInvalid()
    {
        await using var service = await TestService.StartAsync(("Limits:MemoryBytes", $"{100 * Billion}"));
        var request = Of([], new AdamConfig());
        request.Tensors.Add(new TensorSpec { Name = "t", Shape = { 1, 3 * Billion }, Constraint = new Constraint { MaxNorm = new MaxNormConstraint { Axis = 0 } } });

        var refusal = await Refusal.OfAsync(StatusCode.InvalidArgument, ErrorReason.InvalidField, () => service.CreateAsync(request));

        Assert.Equal(["tensors[0].constraint"], refusal.Fields);
        await AssertNothingIsLeftAsync(service);
    }

    private static Task<TestService> StartAsync() => TestService.StartAsync(("Limits:MemoryBytes", $"{Budget}"));

    private static CreateSessionRequest Of(long[] elements, AdamConfig settings) => new()
    {
        SessionId = "large",
        Optimizer = new OptimizerConfig { Groups = { settings } },
        Tensors = { elements.Select((count, index) => new TensorSpec { Name = $"t{index}", Shape = { count } }) },
    };

    private static async Task<EstimateSessionResponse> EstimateAsync(TestService service, CreateSessionRequest request) =>
        await service.Sessions.EstimateSessionAsync(new EstimateSessionRequest { Request = request }, TestService.Call());

    private static async Task AssertNothingIsLeftAsync(TestService service)
    {
        Assert.Equal((0, 0), (service.Memory.ReservedBytes, service.Memory.IdleBytes));
        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionNotFound, () => service.GetAsync("large"));
    }
}
