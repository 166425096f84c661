using System.Runtime.CompilerServices;
using Adam.Engine;
using Adam.Service.Configuration;
using Adam.Service.ControlPlane;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.Tests.Support;
using Adam.Service.Threads;
using Adam.V1;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.Sessions;

/// <summary>Readers who look at a session's memory, and changes that wait for them. Every moment is held by hand; the clock is, too.</summary>
public sealed class ReadLeaseTests : IDisposable
{
    private static readonly float[] First = Floats.Random(10, 1);
    private static readonly float[] Second = Floats.Random(6, 2);

    private readonly EngineThreads _threads = new();
    private readonly StepThreads _stepThreads = new(1);
    private readonly TimerClock _clock = new();
    private readonly MemoryBudget _budget;
    private readonly SessionActor _session;

    public ReadLeaseTests()
    {
        // State of 16 elements in three slots, each on cache lines of its own, and room for 100 bytes.
        var request = Requests.Create("s", First, Second);
        var limits = Options.Create(new LimitsOptions { MemoryBytes = StateBytes(request) + 100 });
        _budget = new MemoryBudget(limits);
        var factory = new SessionFactory(
            limits, Options.Create(new DurabilityOptions()), _budget, _threads, _stepThreads, new StartCount(), _clock);
        _session = factory.Create(factory.Define(request), request);
    }

    public void Dispose()
    {
        _threads.Dispose();
        _stepThreads.Dispose();
    }

    [Fact]
    public async Task Change_NobodyReads_PassesAtOnce()
    {
        await ChangeAsync();

        Assert.Empty(_clock.Waiting);
    }

    [Fact]
    public async Task Change_WhileSomebodyReads_WaitsUntilTheLeaseIsBack()
    {
        var lease = await LendAsync();
        var change = ChangeAsync();
        await WaitingAsync();
        var read = await ReadAsync(lease);
        Assert.False(change.IsCompleted);

        lease.Dispose();
        await change;

        Bits.AssertSame([.. First, .. Second], read, "what was read");
        Assert.Empty(_clock.Waiting);
        Assert.Equal(_session.Definition.StateBytes, _budget.ReservedBytes);
    }

    [Fact]
    public async Task Read_BehindAChangeThatWaits_ComesAfterIt()
    {
        using var lease = await LendAsync();
        var change = ChangeAsync();
        await WaitingAsync();
        var second = LendAsync();
        Assert.False(second.IsCompleted);

        lease.Dispose();
        await change;
        using var after = await second;

        Assert.Equal((1ul, 2ul), (lease.Version, after.Version));
        Assert.All(await ReadAsync(after), value => Assert.Equal(7, value));
    }

    [Fact]
    public async Task Change_AfterItsPatience_PutsTheRestAside()
    {
        using var lease = await LendAsync();
        var begun = (await lease.BeginAsync(4)).Span<float>().ToArray();
        lease.End();
        var change = ChangeAsync();
        await WaitingAsync();

        _clock.FireAll();
        await change;

        // 6 of the 10 elements of the first tensor and the second tensor are the reader's own.
        Assert.Equal(_session.Definition.StateBytes + (12 * sizeof(float)), _budget.ReservedBytes);
        var rest = await ReadAsync(lease);
        Bits.AssertSame([.. First, .. Second], [.. begun, .. rest], "what was read");
        lease.Dispose();
        Assert.Equal((_session.Definition.StateBytes, 48L), (_budget.ReservedBytes, _budget.IdleBytes));
    }

    [Fact]
    public async Task Change_PatienceOverWhileAChunkIsLookedAt_WaitsForTheEndOfIt()
    {
        using var lease = await LendAsync();
        var looking = await lease.BeginAsync(4);
        var change = ChangeAsync();
        await WaitingAsync();

        // After this a piece of another session has run on every thread: the change has had its turn, and has been refused it.
        _clock.FireAll();
        await TurnsAsync();
        Assert.False(change.IsCompleted);
        var begun = looking.Span<float>().ToArray();
        lease.End();
        await change;

        var rest = await ReadAsync(lease);
        Bits.AssertSame([.. First, .. Second], [.. begun, .. rest], "what was read");
    }

    [Fact]
    public async Task Change_NoMemoryForTheRest_EndsTheReader()
    {
        _budget.Reserve(90, "The test");
        using var lease = await LendAsync();
        var change = ChangeAsync();
        await WaitingAsync();

        _clock.FireAll();
        await change;
        var refusal = await Assert.ThrowsAsync<ServiceException>(async () => await lease.BeginAsync(4));

        Assert.Equal(ErrorReason.VersionEvicted, refusal.Reason);
        Assert.Contains("Version 1 of session 's' is gone", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Limits:ReaderPatienceSeconds", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(_session.Definition.StateBytes + 90, _budget.ReservedBytes);
    }

    [Fact]
    public async Task Change_SeveralReaders_WaitsForTheLast()
    {
        var leases = new[] { await LendAsync(), await LendAsync(), await LendAsync() };
        var change = ChangeAsync();
        await WaitingAsync();

        leases[1].Dispose();
        leases[0].Dispose();
        await TurnsAsync();
        Assert.False(change.IsCompleted);
        leases[2].Dispose();

        await change;
    }

    [Fact]
    public async Task End_WhileSomebodyReads_FreesTheMemoryAfterTheReader()
    {
        var lease = await LendAsync();

        Assert.True(await _session.EndAsync(isLogged: true));
        var refused = await Assert.ThrowsAsync<ServiceException>(() => LendAsync());
        Assert.False(await _session.EndAsync(isLogged: true));
        var held = _budget.ReservedBytes;
        var read = await ReadAsync(lease);
        lease.Dispose();

        Assert.Equal(ErrorReason.SessionDeleted, refused.Reason);
        Assert.Equal(_session.Definition.StateBytes, held);
        Bits.AssertSame([.. First, .. Second], read, "what was read");
        await Eventually.EqualAsync(0, () => _budget.ReservedBytes);
    }

    [Fact]
    public async Task End_ReaderThatDoesNotCome_IsEndedAfterThePatience()
    {
        using var lease = await LendAsync();
        await _session.EndAsync(isLogged: true);
        await WaitingAsync();

        _clock.FireAll();

        await Eventually.EqualAsync(0, () => _budget.ReservedBytes);
        var refusal = await Assert.ThrowsAsync<ServiceException>(async () => await lease.BeginAsync(4));
        Assert.Equal(ErrorReason.SessionDeleted, refusal.Reason);
    }

    [Fact]
    public async Task End_OfTheThreadsWhileALeaseIsOut_LeavesTheReaderAlone()
    {
        var lease = await LendAsync();
        var change = ChangeAsync();
        await WaitingAsync();

        _threads.Dispose();
        _clock.FireAll();
        var read = await ReadAsync(lease);
        lease.Dispose();

        Bits.AssertSame([.. First, .. Second], read, "what was read");
        Assert.False(change.IsCompleted);
    }

    [Fact]
    public async Task ReadersAndChanges_ManyAtOnce_NeverSeeTwoVersionsInOne()
    {
        _budget.Reserve(1, "The test");
        using var done = new CancellationTokenSource();
        var impatience = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                _clock.FireAll();
                await Task.Yield();
            }
        });
        await ChangeAsync(0);
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 300; i++)
            {
                using var lease = await LendAsync();
                try
                {
                    Assert.Single((await ReadAsync(lease, 1, Task.Yield)).Distinct());
                }
                catch (ServiceException late) when (late.Reason == ErrorReason.VersionEvicted)
                {
                    // There is room for one reader's rest, not for that of all.
                }
            }
        })).ToList();
        try
        {
            for (var i = 1; i <= 300; i++)
            {
                await ChangeAsync(i);
            }

            await Task.WhenAll(readers);
        }
        finally
        {
            await done.CancelAsync();
            await impatience;
        }

        Assert.Equal(302ul, await _session.RunAsync(core => core.Version, CancellationToken.None));
    }

    private static long StateBytes(CreateSessionRequest request) => MemoryEstimate.Bytes(
        OptimizerOptions.Of(new AdamOptions()), [.. request.Tensors.Select(tensor => new VariableSpec(tensor.Name, [.. tensor.Shape]))]);

    private static async Task<float[]> ReadAsync(ReadLease lease, int count = 3, Func<YieldAwaitable>? rest = null)
    {
        var read = new List<float>();
        while (!lease.IsAtEnd)
        {
            var elements = await lease.BeginAsync(count);
            read.AddRange(elements.Span<float>());
            lease.End();
            if (rest is not null)
            {
                await rest();
            }
        }

        return [.. read];
    }

    private Task<ReadLease> LendAsync() =>
        _session.RunAsync(core => core.Lend([(0, Slot.Weights), (1, Slot.Weights)]), CancellationToken.None);

    private Task<bool> ChangeAsync(float value = 7) => _session.ChangeAsync(
        core =>
        {
            for (var tensor = 0; tensor < 2; tensor++)
            {
                core.Optimizer.Slot(tensor, AdamSlot.Weights).Span<float>().Fill(value);
            }

            core.NextVersion();
            return true;
        },
        CancellationToken.None);

    // Until a change has found readers and waits for them.
    private Task WaitingAsync() => Eventually.EqualAsync(1, () => _clock.Waiting.Count);

    // What was in line for a thread has had its turn after this.
    private async Task TurnsAsync()
    {
        for (var i = 0; i < 2 * Environment.ProcessorCount; i++)
        {
            await new SerialQueue(_threads, 1).RunAsync(() => true, CancellationToken.None);
        }
    }
}
