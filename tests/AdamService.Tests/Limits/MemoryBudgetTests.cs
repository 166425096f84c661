using Adam.Service.Errors;
using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.Limits;

public sealed class MemoryBudgetTests
{
    [Fact]
    public void Reserve_UpToTheLastByte_Fits()
    {
        var budget = Budgets.Of(100);

        budget.Reserve(60, "A");
        budget.Reserve(40, "B");

        Assert.Equal(ErrorReason.LimitExceeded, Assert.Throws<ServiceException>(() => budget.Reserve(1, "C")).Reason);
        Assert.Equal(100, budget.ReservedBytes);
        budget.Release(40);
        budget.Reserve(40, "C");
    }

    [Fact]
    public void Reserve_MoreThanANumberCanHold_IsRefused()
    {
        var budget = Budgets.Of(100);
        budget.Reserve(1, "A");

        Assert.Throws<ServiceException>(() => budget.Reserve(long.MaxValue, "B"));

        Assert.Equal(1, budget.ReservedBytes);
    }

    [Fact]
    public void Reserve_FromManyThreads_NeverExceedsTheLimit()
    {
        var budget = Budgets.Of(1000);
        var admitted = 0;

        Parallel.For(0, 64, _ =>
        {
            try
            {
                budget.Reserve(100, "A");
                Interlocked.Increment(ref admitted);
            }
            catch (ServiceException)
            {
                // Refused: there were ten already.
            }
        });

        Assert.Equal((10, 1000L), (admitted, budget.ReservedBytes));
    }

    [Fact]
    public void Constructor_NothingConfigured_IsAShareOfTheMachine() => Budgets.Of(0).Reserve(1 << 20, "A");
}
