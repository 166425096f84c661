using Adam.Engine;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.SharedMemory;
using Adam.Service.Tests.Support;
using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.SharedMemory;

/// <summary>Tokens, and what they are good for.</summary>
public sealed class HandoversTests : IDisposable
{
    private static readonly ByteString Uid = ByteString.CopyFrom(new byte[16]);

    private readonly ManualClock _clock = new();
    private readonly Handovers _handovers;
    private readonly MemoryBudget _memory = Budgets.Of(1 << 20);
    private readonly RegionBudget _budget;
    private readonly SharedGradientRegion _gradients;
    private readonly SharedWeights _weights;

    public HandoversTests()
    {
        var options = Options.Create(new SharedMemoryOptions { TokenSeconds = 30, BytesMax = 1 << 20 });
        _handovers = new Handovers(options, _clock);
        _budget = new RegionBudget(options);
        VariableSpec[] tensors = [new("a", [3])];
        var (first, second) = (RegionLayout.OfGradients(tensors), RegionLayout.OfWeights(tensors));
        _gradients = new SharedGradientRegion(SharedRegion.WrittenByClient(first, _budget.Reserve(_memory, first.Bytes, "Gradients")));
        _weights = new SharedWeights(SharedRegion.WrittenByService(second, _budget.Reserve(_memory, second.Bytes, "Weights")));
    }

    [Fact]
    public void Redeem_InTime_GivesTheRegionsOnce()
    {
        var token = _handovers.Give(Uid, _gradients, _weights);
        _clock.Advance(29);

        Assert.Equal(Handovers.TokenBytes, token.Length);
        Assert.Equal((_gradients, _weights), _handovers.Redeem(token, Uid));
        Assert.Null(_handovers.Redeem(token, Uid));
    }

    [Fact]
    public void Redeem_TooLate_GivesNothing()
    {
        var token = _handovers.Give(Uid, _gradients, _weights);
        _clock.Advance(30);

        Assert.Null(_handovers.Redeem(token, Uid));
    }

    [Fact]
    public void Redeem_ForAnotherSession_GivesNothingAndUsesTheTokenUp()
    {
        var token = _handovers.Give(Uid, _gradients, _weights);

        Assert.Null(_handovers.Redeem(token, ByteString.CopyFrom(new byte[15], 0, 15)));
        Assert.Null(_handovers.Redeem(token, Uid));
    }

    [Fact]
    public void Give_ForTheSameRegionsAgain_VoidsTheOlderToken()
    {
        var older = _handovers.Give(Uid, _gradients, _weights);
        var newer = _handovers.Give(Uid, _gradients, _weights);

        Assert.Equal(1, _handovers.Count);
        Assert.Null(_handovers.Redeem(older, Uid));
        Assert.NotNull(_handovers.Redeem(newer, Uid));
    }

    [Fact]
    public void Reserve_BeyondTheBound_NamesTheOptionAndTakesNothing()
    {
        var before = _budget.Bytes;

        var refusal = Assert.Throws<ServiceException>(() => _budget.Reserve(_memory, (1 << 20) - before + 1, "More"));

        Assert.Contains(("option", "SharedMemory:BytesMax"), refusal.Metadata);
        Assert.Equal(before, _budget.Bytes);
        _budget.Reserve(_memory, 10, "Little").Dispose();
        Assert.Equal(before, _budget.Bytes);
    }

    [Fact]
    public void Dispose_Regions_GivesTheBytesBack()
    {
        _gradients.Dispose();
        _gradients.Dispose();
        _weights.Dispose();

        Assert.Equal(0, _budget.Bytes);
        Assert.Throws<ObjectDisposedException>(() => _gradients.Enter());
    }

    public void Dispose()
    {
        _gradients.Dispose();
        _weights.Dispose();
    }
}
