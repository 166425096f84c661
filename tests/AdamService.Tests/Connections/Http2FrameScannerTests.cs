using Adam.Service.Connections;
using Adam.Service.Tests.Attacks;

namespace Adam.Service.Tests.Connections;

public sealed class Http2FrameScannerTests
{
    private static readonly byte[] Stream =
    [
        .. Frames.Preface,
        .. Frames.Settings,
        .. Frames.Setting(Frames.InitialWindowSize, 7),
        .. Frames.Of(Frames.Data, Frames.EndStream, 0x7FFFFFFF, new byte[300]),
        .. Frames.Of(0xEE, 0xFF, 5, [1]),
        .. Frames.Ping,
    ];

    private static readonly Http2FrameHeader[] Expected =
    [
        new(0, Http2FrameType.Settings, 0, 0),
        new(6, Http2FrameType.Settings, 0, 0),
        new(300, Http2FrameType.Data, 1, 0x7FFFFFFF),
        new(1, (Http2FrameType)0xEE, 0xFF, 5),
        new(8, Http2FrameType.Ping, 0, 0),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(int.MaxValue)]
    public void TryReadHeader_PiecesOfAnySize_FindsEveryFrame(int pieceBytes)
    {
        var scanner = new Http2FrameScanner(Frames.Preface.Length);
        var found = new List<Http2FrameHeader>();

        foreach (var piece in Stream.Chunk(pieceBytes))
        {
            ReadOnlySpan<byte> rest = piece;
            while (scanner.TryReadHeader(ref rest, out var frame))
            {
                found.Add(frame);
            }

            Assert.Equal(0, rest.Length);
        }

        Assert.Equal(Expected, found);
        Assert.Equal(0, scanner.PayloadLeft);
    }

    [Fact]
    public void Parse_LargestLengthAndReservedBit_AreReadRight() => Assert.Equal(
        new Http2FrameHeader(0xFFFFFF, Http2FrameType.WindowUpdate, 0, 1),
        Http2FrameHeader.Parse([0xFF, 0xFF, 0xFF, 8, 0, 0x80, 0, 0, 1]));

    [Theory]
    [InlineData(Frames.Data, 0, 0, true)]
    [InlineData(Frames.Data, 0, 1, false)]
    [InlineData(Frames.Data, 0x1, 0, false)]
    [InlineData(Frames.Data, 0x8, 1, true)]
    [InlineData(Frames.Data, 0x8, 2, false)]
    [InlineData(Frames.HeadersType, 0, 0, true)]
    [InlineData(Frames.HeadersType, 0x28, 6, true)]
    [InlineData(Frames.HeadersType, 0x28, 7, false)]
    [InlineData(Frames.HeadersType, 0x4, 0, false)]
    [InlineData(Frames.ContinuationType, 0, 0, true)]
    [InlineData(Frames.ContinuationType, 0, 1, false)]
    [InlineData(Frames.ContinuationType, 0x4, 0, false)]
    [InlineData(Frames.SettingsType, 0, 0, false)]
    public void IsIdle_AFrame_IsWhetherItDoesNothing(byte type, byte flags, int length, bool expected) =>
        Assert.Equal(expected, new Http2FrameHeader(length, (Http2FrameType)type, flags, 1).IsIdle);
}
