using Adam.Service.Connections;

namespace Adam.Service.Tests.Connections;

public sealed class UnsentBytesTests
{
    private const long Mebi = 1 << 20;

    private static readonly Task Never = new TaskCompletionSource().Task;

    private readonly UnsentBytes _unsent = new(8 * Mebi);

    [Fact]
    public void Add_UpToTheLimit_IsNotTooMuch()
    {
        _unsent.Add(8 * Mebi);

        Assert.False(_unsent.IsTooMuch);
        Assert.True(_unsent.WaitForTurnAsync(Never).IsCompleted);
    }

    [Fact]
    public void Doom_EndsTheNeed_AndTheMemoryIsStillHeld()
    {
        _unsent.Add((8 * Mebi) + 1);
        Assert.True(_unsent.IsTooMuch);

        _unsent.Doom(1);
        Assert.False(_unsent.IsTooMuch);
        Assert.False(_unsent.IsRelieved);
        Assert.False(_unsent.WaitForTurnAsync(Never).IsCompleted);
        _unsent.Doom(Mebi);
        Assert.True(_unsent.IsRelieved);
        Assert.Equal((8 * Mebi) + 1, _unsent.Held);

        _unsent.TakeDoomed(Mebi + 1);
        Assert.True(_unsent.IsRelieved);
        Assert.Equal(7 * Mebi, _unsent.Held);
    }

    [Fact]
    public void WaitForTurnAsync_ManyWriters_GoOnAsFarAsThereIsRoom()
    {
        _unsent.Add(9 * Mebi);
        var writers = Enumerable.Range(0, 6).Select(_ => _unsent.WaitForTurnAsync(Never)).ToList();
        Assert.Equal(0, LetGo());

        // Up to the limit, each with what it is expected to write.
        _unsent.Add(-2 * Mebi);
        Assert.Equal(2, LetGo());
        Assert.False(_unsent.WaitForTurnAsync(Never).IsCompleted);

        // One adds as expected, the other adds nothing.
        _unsent.Add(Mebi);
        _unsent.EndTurn();
        Assert.Equal(2, LetGo());
        _unsent.EndTurn();
        Assert.Equal(3, LetGo());

        // Those that were let go on do nothing for a while.
        _unsent.EndAllTurns();
        Assert.Equal(4, LetGo());
        _unsent.Add(-8 * Mebi);
        Assert.Equal(6, LetGo());

        int LetGo() => writers.Count(writer => writer.IsCompleted);
    }

    [Fact]
    public void WaitForTurnAsync_WriterThatHasEnded_DoesNotTakeTheTurnOfOthers()
    {
        _unsent.Add(9 * Mebi);
        var ended = new TaskCompletionSource();
        _ = _unsent.WaitForTurnAsync(ended.Task);
        var second = _unsent.WaitForTurnAsync(Never);
        ended.SetResult();

        _unsent.Add(-Mebi);

        Assert.True(second.IsCompleted);
        Assert.True(_unsent.HasRoom);
    }
}
