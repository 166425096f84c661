using Adam.Engine;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.Limits;

public sealed class StagingMemoryTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    [Fact]
    public void Rent_AfterAReturn_GivesTheSameMemoryAndCountsItOnce()
    {
        var budget = Budgets.Of(1000);
        using var memory = new StagingMemory(budget, TimeProvider.System, Long);
        var first = memory.Rent(TensorDType.Float32, 10, "a test");
        var bytes = first.View.Bytes(0, 10);

        first.Dispose();
        Assert.Equal((0, 40), (budget.ReservedBytes, budget.IdleBytes));
        using var again = memory.Rent(TensorDType.BFloat16, 20, "a test");

        Assert.True(bytes == again.View.Bytes(0, 20));
        Assert.Equal((TensorDType.BFloat16, 20L), (again.View.DType, again.View.ElementCount));
        Assert.Equal((40, 0), (budget.ReservedBytes, budget.IdleBytes));
    }

    [Fact]
    public void Rent_WhileOneIsInUse_GivesAnother()
    {
        var budget = Budgets.Of(1000);
        using var memory = new StagingMemory(budget, TimeProvider.System, Long);
        using var first = memory.Rent(TensorDType.Float32, 10, "a test");
        using var second = memory.Rent(TensorDType.Float32, 10, "a test");

        Assert.False(first.View.Bytes(0, 10) == second.View.Bytes(0, 10));
        Assert.Equal(80, budget.ReservedBytes);
    }

    [Fact]
    public void Dispose_Twice_ReturnsOnce()
    {
        var budget = Budgets.Of(1000);
        using var memory = new StagingMemory(budget, TimeProvider.System, Long);
        var tensor = memory.Rent(TensorDType.Float32, 10, "a test");

        tensor.Dispose();
        tensor.Dispose();
        using var first = memory.Rent(TensorDType.Float32, 10, "a test");
        using var second = memory.Rent(TensorDType.Float32, 10, "a test");

        Assert.False(first.View.Bytes(0, 10) == second.View.Bytes(0, 10));
        Assert.Throws<ObjectDisposedException>(() => tensor.View.ElementCount);
    }

    [Fact]
    public void Reserve_MemoryIsShort_TakesIdleMemoryOfOthersFirst()
    {
        var budget = Budgets.Of(100);
        using var memory = new StagingMemory(budget, TimeProvider.System, Long);
        memory.Rent(TensorDType.Float32, 10, "a test").Dispose();
        memory.Rent(TensorDType.Float32, 5, "a test").Dispose();

        budget.Reserve(100, "another session");

        Assert.Equal((100, 0), (budget.ReservedBytes, budget.IdleBytes));
        Assert.Equal(ErrorReason.LimitExceeded, Assert.Throws<ServiceException>(() => memory.Rent(TensorDType.Float32, 1, "a test")).Reason);
    }

    [Fact]
    public void Reserve_WhatIsInUse_IsNotTaken()
    {
        var budget = Budgets.Of(100);
        using var memory = new StagingMemory(budget, TimeProvider.System, Long);
        using var used = memory.Rent(TensorDType.Float32, 10, "a test");

        Assert.Throws<ServiceException>(() => budget.Reserve(61, "another session"));

        Assert.Equal(40, budget.ReservedBytes);
    }

    [Fact]
    public void Dispose_FreesIdleMemoryNowAndTheRestWhenItComesBack()
    {
        var budget = Budgets.Of(1000);
        var memory = new StagingMemory(budget, TimeProvider.System, Long);
        memory.Rent(TensorDType.Float32, 5, "a test").Dispose();
        var used = memory.Rent(TensorDType.Float32, 10, "a test");

        memory.Dispose();
        Assert.Equal((40, 0), (budget.ReservedBytes, budget.IdleBytes));
        used.Dispose();

        Assert.Equal((0, 0), (budget.ReservedBytes, budget.IdleBytes));
    }

    [Fact]
    public async Task Return_NotNeededForAWhile_IsFreed()
    {
        var budget = Budgets.Of(1000);
        using var memory = new StagingMemory(budget, TimeProvider.System, TimeSpan.FromMilliseconds(20));

        memory.Rent(TensorDType.Float32, 10, "a test").Dispose();

        await Eventually.EqualAsync(0, () => budget.IdleBytes);
    }

    [Fact]
    public void Return_NothingMayLieIdle_FreesAtOnce()
    {
        var budget = Budgets.Of(1000);
        using var memory = new StagingMemory(budget, TimeProvider.System, TimeSpan.Zero);

        memory.Rent(TensorDType.Float32, 10, "a test").Dispose();

        Assert.Equal((0, 0), (budget.ReservedBytes, budget.IdleBytes));
    }

    [Fact]
    public void RentAndReturn_FromManyThreads_LosesNothing()
    {
        var budget = Budgets.Of(100_000);
        using (var memory = new StagingMemory(budget, TimeProvider.System, TimeSpan.FromMilliseconds(1)))
        {
            Parallel.For(0, 2000, i =>
            {
                using var tensor = memory.Rent(TensorDType.Float32, 1 + (i % 7), "a test");
                tensor.View.Span<float>().Fill(i);
                Assert.True(tensor.View.Span<float>().IndexOfAnyExcept((float)i) < 0);
                if (i % 50 == 0)
                {
                    memory.FreeIdle();
                }
            });
        }

        Assert.Equal((0, 0), (budget.ReservedBytes, budget.IdleBytes));
    }
}
