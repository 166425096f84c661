using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Google.Protobuf;
using Grpc.Core;

namespace AdamGrpc.Tests;

public sealed class FourShapesTests
{
    [Fact]
    public async Task Unary_Message_ComesBack()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using AsyncUnaryCall<EchoMessage> call = host.CreateClient().UnaryAsync(new EchoMessage { Text = "hello" });

        EchoMessage reply = await call.ResponseAsync.Soon();

        Assert.Equal("hello", reply.Text);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Empty(call.GetTrailers());
    }

    [Fact]
    public async Task Unary_BlockingCall_ComesBack()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        Echo.EchoClient client = host.CreateClient();

        EchoMessage reply = await Task.Run(() => client.Unary(new EchoMessage { Text = "hello" })).Soon();

        Assert.Equal("hello", reply.Text);
    }

    [Fact]
    public async Task Unary_EmptyMessage_ComesBack()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        EchoMessage reply = await host.CreateClient().UnaryAsync(new EchoMessage()).ResponseAsync.Soon();

        Assert.Equal(new EchoMessage(), reply);
    }

    [Fact]
    public async Task Unary_MessageOfOneMebibyte_ComesBack()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        byte[] data = new byte[1024 * 1024];
        new Random(7).NextBytes(data);

        EchoMessage reply = await host.CreateClient().UnaryAsync(new EchoMessage { Data = ByteString.CopyFrom(data) }).ResponseAsync.Soon();

        Assert.Equal(data, reply.Data.ToByteArray());
    }

    [Fact]
    public async Task Unary_MessageOfSixtyMebibytesWithoutLimits_ComesBack()
    {
        await using EchoHost host = await EchoHost.StartAsync(options => options.MaxReceiveMessageSize = null);
        byte[] data = new byte[60 * 1024 * 1024];
        new Random(8).NextBytes(data);

        EchoMessage reply = await host.CreateClient(options => options.MaxReceiveMessageSize = null)
            .UnaryAsync(new EchoMessage { Data = UnsafeByteOperations.UnsafeWrap(data) }).ResponseAsync.Soon();

        Assert.True(reply.Data.Span.SequenceEqual(data));
    }

    [Fact]
    public async Task ClientStream_ThreeMessages_AreJoined()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient().ClientStream();

        foreach (string text in (string[])["a", "", "c"])
        {
            await call.RequestStream.WriteAsync(new EchoMessage { Text = text }).Soon();
        }

        await call.RequestStream.CompleteAsync().Soon();

        Assert.Equal("ac", (await call.ResponseAsync.Soon()).Text);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task ServerStream_ThreeMessages_ComeInOrder()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using AsyncServerStreamingCall<EchoMessage> call = host.CreateClient().ServerStream(new EchoMessage { Text = "xyz" });

        List<string> texts = [];
        await foreach (EchoMessage reply in call.ResponseStream.ReadAllAsync())
        {
            texts.Add(reply.Text);
        }

        Assert.Equal(["x", "y", "z"], texts);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task ServerStream_NoMessages_EndsInOrder()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using AsyncServerStreamingCall<EchoMessage> call = host.CreateClient().ServerStream(new EchoMessage());

        Assert.False(await call.ResponseStream.MoveNext().Soon());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Duplex_PingPong_EachAnswerComesBeforeTheNextQuestion()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient().Duplex();

        for (int i = 0; i < 100; i++)
        {
            await call.RequestStream.WriteAsync(new EchoMessage { Text = $"{i}" }).Soon();
            Assert.True(await call.ResponseStream.MoveNext().Soon());
            Assert.Equal($"{i}", call.ResponseStream.Current.Text);
        }

        await call.RequestStream.CompleteAsync().Soon();
        Assert.False(await call.ResponseStream.MoveNext().Soon());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Duplex_HalfClosedByClient_ServerStillAnswers()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.Duplex = async (requests, responses, _) =>
        {
            int count = 0;
            while (await requests.MoveNext())
            {
                count++;
            }

            await responses.WriteAsync(new EchoMessage { Text = $"{count}" });
        };
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient().Duplex();
        await call.RequestStream.WriteAsync(new EchoMessage()).Soon();
        await call.RequestStream.WriteAsync(new EchoMessage()).Soon();

        await call.RequestStream.CompleteAsync().Soon();

        Assert.True(await call.ResponseStream.MoveNext().Soon());
        Assert.Equal("2", call.ResponseStream.Current.Text);
        Assert.False(await call.ResponseStream.MoveNext().Soon());
    }

    [Fact]
    public async Task Duplex_NoRequestYetOnAnIdleConnection_ServerAnswersNevertheless()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.Duplex = (_, responses, _) => responses.WriteAsync(new EchoMessage { Text = "first" });
        Echo.EchoClient client = host.CreateClient();
        await client.UnaryAsync(new EchoMessage()).ResponseAsync.Soon();

        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = client.Duplex();

        Assert.True(await call.ResponseStream.MoveNext().Soon());
        Assert.Equal("first", call.ResponseStream.Current.Text);
    }

    [Fact]
    public async Task Duplex_HundredCallsOnOneChannel_KeepTheirMessagesApart()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        Echo.EchoClient client = host.CreateClient();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(async number =>
        {
            using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = client.Duplex();
            for (int i = 0; i < 5; i++)
            {
                await call.RequestStream.WriteAsync(new EchoMessage { Text = $"{number}/{i}" });
                Assert.True(await call.ResponseStream.MoveNext());
                Assert.Equal($"{number}/{i}", call.ResponseStream.Current.Text);
            }

            await call.RequestStream.CompleteAsync();
            Assert.False(await call.ResponseStream.MoveNext());
        })).Soon();
    }

    [Fact]
    public async Task Write_WhileAnotherIsPending_IsRefusedOnBothSides()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource<Exception> refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Script.Duplex = async (requests, responses, context) =>
        {
            await requests.MoveNext();
            EchoMessage large = new() { Data = ByteString.CopyFrom(new byte[3 * 1024 * 1024]) };
            List<Task> writes = [];
            Exception? exception = null;
            while (exception is null)
            {
                // The client does not read, so a write has to wait sooner or later.
                Task write = responses.WriteAsync(large);
                if (!write.IsCompleted)
                {
                    exception = await Record.ExceptionAsync(() => responses.WriteAsync(large));
                }

                writes.Add(write);
            }

            refused.SetResult(exception);
            await Record.ExceptionAsync(() => Task.WhenAll(writes));
        };
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient().Duplex();
        await call.RequestStream.WriteAsync(new EchoMessage()).Soon();
        await call.ResponseHeadersAsync.Soon();

        Assert.IsType<InvalidOperationException>(await refused.Task.Soon());

        EchoMessage hugeRequest = new() { Data = ByteString.CopyFrom(new byte[3 * 1024 * 1024]) };
        List<Task> requests = [];
        do
        {
            requests.Add(call.RequestStream.WriteAsync(hugeRequest));
        }
        while (requests[^1].IsCompleted);
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(hugeRequest).Soon());
        call.Dispose();
        await Record.ExceptionAsync(() => Task.WhenAll(requests)).Soon();
    }
}
