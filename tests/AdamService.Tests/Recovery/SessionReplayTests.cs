using Adam.Service.Recovery;
using Adam.Service.Sessions;
using Adam.Service.Tests.Durability;
using Adam.Service.Tests.Support;
using Adam.Storage.V1;
using Adam.V1;

namespace Adam.Service.Tests.Recovery;

/// <summary>Records that do not fit what was made before them.</summary>
public sealed class SessionReplayTests : IDisposable
{
    private readonly SessionLab _lab = new();
    private readonly SessionActor _session;

    public SessionReplayTests() => _session = _lab.Create(Requests.Create("s", [1, 2, 3]));

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Decision_OverABatchThatIsMissing_IsMissed()
    {
        var head = new LogHead { BaseVersion = 1, Decision = new BatchDecision { LogSequence = 5 } };

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => new SessionReplay(_session).ApplyAsync(6, head, default));

        Assert.Contains("record 5, which is missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decision_OverABatchThatTheSnapshotHas_IsPassedOver()
    {
        await _session.RunAsync(static core => core.LogSequence = 5, CancellationToken.None);
        var head = new LogHead { BaseVersion = 1, Decision = new BatchDecision { LogSequence = 5 } };
        var replay = new SessionReplay(_session);

        await replay.ApplyAsync(6, head, default);

        Assert.Equal((0, 0), (replay.Compared, replay.Count));
    }

    [Theory]
    [InlineData(1ul, false)]
    [InlineData(2ul, true)]
    public async Task Restore_OfAGenerationThatIsThere_IsMissed(ulong generation, bool isMade)
    {
        var head = new LogHead { BaseVersion = 1, Restored = new RestoredState { State = await SessionLab.RecordAsync(_session), Generation = generation } };

        var error = await Record.ExceptionAsync(() => new SessionReplay(_session).ApplyAsync(6, head, default));

        Assert.Equal(isMade, error is null);
        Assert.True(isMade || (error is InvalidDataException && error.Message.Contains("generation 1, which the session has already", StringComparison.Ordinal)), $"{error}");
        Assert.Equal(isMade ? (2ul, 2ul) : (1ul, 1ul), (_session.Generation, _session.Version));
    }
}
