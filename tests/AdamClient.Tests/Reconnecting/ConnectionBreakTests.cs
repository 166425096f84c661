using System.Net.Sockets;
using Adam.Client.Internal;
using Grpc.Core;

namespace Adam.Client.Tests.Reconnecting;

public sealed class ConnectionBreakTests
{
    [Theory]
    [InlineData(StatusCode.Unavailable, "SHUTTING_DOWN", false, true)]
    [InlineData(StatusCode.Unavailable, "A_REASON_OF_TOMORROW", false, true)]
    [InlineData(StatusCode.Unavailable, "", false, true)]
    [InlineData(StatusCode.Cancelled, "", true, true)]
    [InlineData(StatusCode.Internal, "", true, true)]
    [InlineData(StatusCode.Cancelled, "", false, false)]
    [InlineData(StatusCode.Internal, "", false, false)]
    [InlineData(StatusCode.Aborted, "WORKER_FENCED", false, false)]
    [InlineData(StatusCode.Aborted, "WORKER_FENCED", true, false)]
    [InlineData(StatusCode.DeadlineExceeded, "", false, false)]
    public void Is_Failure_GoesByWhoSpoke(StatusCode code, string reason, bool isOfTransport, bool expected)
    {
        var cause = new RpcException(new Status(code, "x", isOfTransport ? new HttpIOException(HttpRequestError.ResponseEnded) : null));

        Assert.Equal(expected, ConnectionBreak.Is(new AdamException(new AdamError(code, "x") { Reason = reason, Cause = cause })));
    }

    [Fact]
    public void Is_SomethingElse_IsNot() => Assert.False(ConnectionBreak.Is(new SocketException()));
}
