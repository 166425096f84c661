using Adam.Service.Connections;
using Adam.Service.Tests.Support;

namespace Adam.Service.Tests.Connections;

/// <summary>When a client counts as stalled: 10 seconds and 100 bytes.</summary>
public sealed class PaceTests
{
    private readonly ManualClock _clock = new();

    private RequestPace Request => field ??= new RequestPace(TimeSpan.FromSeconds(10), 100, _clock);

    private ResponsePace Response => field ??= new ResponsePace(TimeSpan.FromSeconds(10), 100, _clock);

    [Theory]
    [InlineData(9.9, false)]
    [InlineData(10, true)]
    public void Request_NothingComes_IsStalledInTime(double seconds, bool stalled)
    {
        Request.BeginWait(isOwed: true);
        _clock.Advance(seconds);

        Assert.Equal(stalled, Request.IsStalled);
    }

    [Fact]
    public void Request_NothingIsOwed_IsNeverStalled()
    {
        Request.BeginWait(isOwed: false);
        _clock.Advance(1_000_000);

        Assert.False(Request.IsStalled);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(10, false)]
    public void Request_BytesComeOneByOne_CountsThemInItsTime(int bytesPerSecond, bool stalled)
    {
        for (var second = 0; second < 10; second++)
        {
            Request.BeginWait(isOwed: true);
            _clock.Advance(1);
            Request.EndWait();
            Request.Receive(bytesPerSecond);
        }

        Request.BeginWait(isOwed: true);
        Assert.Equal(stalled, Request.IsStalled);
    }

    [Fact]
    public void Request_ServiceDoesNotRead_TheTimeDoesNotCount()
    {
        Request.BeginWait(isOwed: true);
        _clock.Advance(9);
        Request.EndWait();
        _clock.Advance(1000);
        Assert.False(Request.IsStalled);

        Request.BeginWait(isOwed: true);
        Assert.False(Request.IsStalled);
        _clock.Advance(1);
        Assert.True(Request.IsStalled);
    }

    [Fact]
    public void Request_MessageIsWhole_TheNextHasItsOwnTime()
    {
        Request.BeginWait(isOwed: true);
        _clock.Advance(9);
        Request.EndWait();
        Request.BeginWait(isOwed: false);
        _clock.Advance(1000);
        Request.EndWait();
        Request.BeginWait(isOwed: true);
        _clock.Advance(9);

        Assert.False(Request.IsStalled);
    }

    [Theory]
    [InlineData(9.9, false)]
    [InlineData(10, true)]
    public void Response_NothingIsTaken_IsStalledInTime(double seconds, bool stalled)
    {
        _clock.Advance(1000);
        Response.Offer(1);
        _clock.Advance(seconds);

        Assert.Equal(stalled, Response.IsStalled);
    }

    [Fact]
    public void Response_EverythingIsTaken_IsNotStalled()
    {
        Response.Offer(5);
        _clock.Advance(9);
        Response.Send(5);
        _clock.Advance(1000);

        Assert.False(Response.IsStalled);
        Assert.Equal(0, Response.Unsent);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(10, false)]
    public void Response_BytesLeaveOneByOne_CountsThemInItsTime(int bytesPerSecond, bool stalled)
    {
        Response.Offer(1000);
        for (var second = 0; second < 10; second++)
        {
            _clock.Advance(1);
            Response.Send(bytesPerSecond);
        }

        Assert.Equal(stalled, Response.IsStalled);
    }

    [Fact]
    public void Response_OfferedMore_DoesNotGiveMoreTime()
    {
        Response.Offer(1);
        _clock.Advance(9);
        Response.Offer(1);
        _clock.Advance(1);

        Assert.True(Response.IsStalled);
    }

    [Fact]
    public void Response_EndDoesNotLeave_IsStalledWithoutBytes()
    {
        Response.Finish();
        _clock.Advance(10);

        Assert.True(Response.IsStalled);
    }

    [Fact]
    public void Response_Closed_CountsNoMore()
    {
        Assert.Equal(7, Response.Offer(7));
        Assert.Equal(-3, Response.Send(3));
        Assert.Equal(-4, Response.Close());
        Assert.Equal(0, Response.Offer(7));
        Assert.Equal(0, Response.Send(3));
        Assert.Equal(0, Response.Close());
        Assert.Equal(0, Response.Unsent);
    }

    [Fact]
    public void Response_Burden_IsBytesTimesSeconds()
    {
        Response.Offer(50);
        _clock.Advance(4);
        Assert.Equal(200, Response.Burden);

        Response.Send(50);
        Assert.Equal(0, Response.Burden);
    }
}
