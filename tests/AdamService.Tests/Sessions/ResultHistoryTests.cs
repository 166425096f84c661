using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.Tests.Sessions;

public sealed class ResultHistoryTests
{
    [Fact]
    public void Find_AfterManyResults_KnowsTheLastSixtyFour()
    {
        var history = new ResultHistory();
        for (var sequence = 1ul; sequence <= 200; sequence++)
        {
            history.Add(new BatchResult { Sequence = sequence });
        }

        for (var sequence = 0ul; sequence <= 264; sequence++)
        {
            Assert.Equal(sequence is >= 137 and <= 200, history.Find(sequence)?.Sequence == sequence);
        }
    }

    [Fact]
    public void Find_NothingAdded_IsNothing() => Assert.Null(new ResultHistory().Find(0));
}
