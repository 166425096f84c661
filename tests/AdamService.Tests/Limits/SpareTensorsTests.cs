using Adam.Engine;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Tests.Support;

namespace Adam.Service.Tests.Limits;

public sealed class SpareTensorsTests
{
    [Fact]
    public void Rent_SameSizeAgain_IsTheSameMemory()
    {
        var budget = Budgets.Of(1000);
        using var spare = new SpareTensors(budget, 400);
        var first = spare.Rent(TensorDType.Float32, 100, "A test");
        var memory = first.View;

        spare.Return(first);
        var kept = (spare.IdleBytes, budget.ReservedBytes);
        var other = spare.Rent(TensorDType.Float16, 100, "A test");
        var second = spare.Rent(TensorDType.Float32, 100, "A test");

        Assert.Equal((400, 400), kept);
        Assert.Equal(memory, second.View);
        Assert.NotEqual(memory, other.View);
        spare.Return(second);
        spare.Return(other);
        Assert.Equal((400, 400), (spare.IdleBytes, budget.ReservedBytes));
    }

    [Fact]
    public void Reserve_BudgetShort_TakesWhatIsIdle()
    {
        var budget = Budgets.Of(1000);
        using var spare = new SpareTensors(budget, 1000);
        var used = spare.Rent(TensorDType.Float32, 100, "A test");
        spare.Return(spare.Rent(TensorDType.Float32, 150, "A test"));

        budget.Reserve(600, "Another");
        var refusal = Assert.Throws<ServiceException>(() => budget.Reserve(1, "Another"));

        Assert.Contains("0 of 1000 are free", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, spare.IdleBytes);
        spare.Return(used);
        Assert.Equal(1000, budget.ReservedBytes);
    }

    [Fact]
    public void Dispose_WhileMemoryIsOut_FreesItWhenItComesBack()
    {
        var budget = Budgets.Of(1000);
        var spare = new SpareTensors(budget, 1000);
        var used = spare.Rent(TensorDType.Float32, 100, "A test");
        spare.Return(spare.Rent(TensorDType.Float32, 50, "A test"));

        spare.Dispose();
        var afterwards = budget.ReservedBytes;
        spare.Return(used);

        Assert.Equal((400, 0), (afterwards, budget.ReservedBytes));
    }
}
