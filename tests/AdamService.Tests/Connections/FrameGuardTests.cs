using System.Buffers;
using Adam.Service.Configuration;
using Adam.Service.Connections;
using Adam.Service.Tests.Attacks;
using Adam.Service.Tests.Support;

namespace Adam.Service.Tests.Connections;

/// <summary>The last frame that may come, and the first that may not.</summary>
public sealed class FrameGuardTests
{
    private static readonly byte[] Empty = Frames.Of(Frames.Data, 0, 1);

    private readonly ManualClock _clock = new();

    public static TheoryData<string, byte[], int> Limits => new()
    {
        { "Http2:SettingsAndPingsPerSecondMax=200", Frames.Settings, 200 },
        { "Http2:SettingsAndPingsPerSecondMax=200", Frames.Ping, 200 },
        { "Http2:PrioritiesAndWindowUpdatesPerSecondMax=1000", Frames.Priority(1), 1000 },
        { "Http2:PrioritiesAndWindowUpdatesPerSecondMax=1000", Frames.WindowUpdate(1, 1), 1000 },
        { "Http2:PrioritiesAndWindowUpdatesPerSecondMax=1000", Frames.Of(0xEE, 0, 0), 1000 },
        { "Http2:ResetsPerSecondMax=200", Frames.RstStream(1, 8), 200 },
        { "Http2:EmptyFramesInARowMax=1", Empty, 1 },
        { "Http2:EmptyFramesInARowMax=1", Frames.Of(Frames.ContinuationType, 0, 1), 1 },
        { "Http2:ContinuationsPerBlockMax=8", Frames.Of(Frames.ContinuationType, 0, 1, [0]), 8 },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public void Observe_OneFrameTooMany_BreaksItsLimit(string limit, byte[] frame, int max)
    {
        var guard = Start(new Http2Options());

        Assert.Null(guard.Observe(Frames.Repeat(frame, max)));
        Assert.Equal(limit, guard.Observe(frame));
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public void Observe_NoLimits_TakesAnything(string limit, byte[] frame, int max)
    {
        var guard = Start(new Http2Options
        {
            SettingsAndPingsPerSecondMax = 0,
            PrioritiesAndWindowUpdatesPerSecondMax = 0,
            ResetsPerSecondMax = 0,
            EmptyFramesInARowMax = 0,
            ContinuationsPerBlockMax = 0,
        });

        Assert.True(guard.Observe(Frames.Repeat(frame, 3 * max)) is null, limit);
    }

    [Fact]
    public void Observe_NextSecond_CountsFromTheBeginning()
    {
        var guard = Start(new Http2Options());

        Assert.Null(guard.Observe(Frames.Repeat(Frames.Ping, 200)));
        _clock.Advance(1);
        Assert.Null(guard.Observe(Frames.Repeat(Frames.Ping, 200)));
        _clock.Advance(0.9);
        Assert.NotNull(guard.Observe(Frames.Ping));
    }

    [Fact]
    public void Observe_OneBytePerSegment_CountsTheSame()
    {
        var guard = new FrameGuard(new Http2Options(), _clock);
        byte[] bytes = [.. Frames.Preface, .. Frames.Repeat(Frames.Ping, 200)];

        Assert.Null(guard.Observe(Segments.OfOneByte(bytes)));
        Assert.True(guard.HasStarted);
        Assert.NotNull(guard.Observe(Segments.OfOneByte(Frames.Ping)));
    }

    [Fact]
    public void HasStarted_PrefaceAlone_IsFalse()
    {
        var guard = new FrameGuard(new Http2Options(), _clock);

        guard.Observe(Frames.Preface);
        Assert.False(guard.HasStarted);
        guard.Observe(Frames.Settings);
        Assert.True(guard.HasStarted);
    }

    [Theory]
    [InlineData(Frames.PingType, 8, 1)]
    [InlineData(Frames.WindowUpdateType, 4, 2)]
    public void Observe_FramesThatSentDataExplains_AreNotCounted(byte type, int bytes, int perData)
    {
        var guard = Start(new Http2Options { SettingsAndPingsPerSecondMax = 1, PrioritiesAndWindowUpdatesPerSecondMax = 1 });
        var frame = Frames.Of(type, 0, 0, new byte[bytes]);

        for (var sent = 0; sent < 100; sent++)
        {
            guard.OnDataSent();
            Assert.Null(guard.Observe(Frames.Repeat(frame, perData)));
        }

        Assert.Null(guard.Observe(frame));
        Assert.NotNull(guard.Observe(frame));
    }

    [Fact]
    public void Observe_CreditThatWasSavedUp_IsBounded()
    {
        var guard = Start(new Http2Options { SettingsAndPingsPerSecondMax = 1 });
        for (var sent = 0; sent < 100_000; sent++)
        {
            guard.OnDataSent();
        }

        Assert.Null(guard.Observe(Frames.Repeat(Frames.Ping, 16_384 + 1)));
        Assert.NotNull(guard.Observe(Frames.Ping));
    }

    [Fact]
    public void Observe_EmptyFramesBetweenOthers_AreNotInARow()
    {
        var guard = Start(new Http2Options());
        var data = Frames.Of(Frames.Data, 0, 1, [1]);
        var end = Frames.Of(Frames.Data, Frames.EndStream, 1);

        Assert.Null(guard.Observe([.. Empty, .. data, .. Empty, .. end, .. end, .. end, .. Empty, .. Frames.Ping]));
        Assert.NotNull(guard.Observe(Empty));
    }

    [Fact]
    public void Observe_NextBlockOfHeaders_CountsItsContinuationsFromTheBeginning()
    {
        var guard = Start(new Http2Options());
        byte[] block =
        [
            .. Frames.Of(Frames.HeadersType, 0, 1, [0]),
            .. Frames.Repeat(Frames.Of(Frames.ContinuationType, 0, 1, [0]), 7),
            .. Frames.Of(Frames.ContinuationType, Frames.EndHeaders, 1),
        ];

        Assert.Null(guard.Observe(Frames.Repeat(block, 10)));
    }

    [Fact]
    public void Observe_LargeData_AllocatesNothing()
    {
        var guard = Start(new Http2Options());
        var data = new ReadOnlySequence<byte>(Frames.Repeat(Frames.Of(Frames.Data, 0, 1, new byte[16 << 10]), 64));
        guard.Observe(data);
        var before = GC.GetAllocatedBytesForCurrentThread();

        guard.Observe(data);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private FrameGuard Start(Http2Options options)
    {
        var guard = new FrameGuard(options, _clock);
        Assert.Null(guard.Observe(Frames.Preface));
        return guard;
    }
}
