using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Grpc.Core;
using Grpc.Net.Client;

namespace AdamGrpc.Tests;

public sealed class ReplayTests
{
    /// <summary>Last stream 0, code 0: none of the streams was looked at, and all may be sent again elsewhere.</summary>
    private static readonly byte[] NothingProcessed = new byte[8];

    [Fact]
    public async Task RequestStream_ServerGoesAwayAfterItsEnd_IsNotSentAgainWithoutItsMessages()
    {
        TaskCompletionSource replayed = Waiting.Point();
        await using FrameServer server = new(async (self, connection, before) =>
        {
            if (before > 0)
            {
                replayed.SetResult();
                return;
            }

            await self.SendAsync(connection, FrameServer.GoAway, 0, 0, NothingProcessed);
        });
        using GrpcChannel channel = GrpcChannel.ForAddress(server.Address);
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = new Echo.EchoClient(channel).ClientStream();

        await call.RequestStream.WriteAsync(new EchoMessage { Text = "1" }).Soon();
        await call.RequestStream.WriteAsync(new EchoMessage { Text = "2" }).Soon();
        await call.RequestStream.CompleteAsync().Soon();

        Assert.NotSame(replayed.Task, await Task.WhenAny(call.ResponseAsync, replayed.Task).Soon());
        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
    }
}
