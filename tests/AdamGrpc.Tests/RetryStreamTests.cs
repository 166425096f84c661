using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace AdamGrpc.Tests;

public sealed class RetryStreamTests
{
    [Fact]
    public async Task ClientStream_FailsAfterMessages_SendsThemAgain()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        int attempts = 0;
        TaskCompletionSource failed = Waiting.Point();
        host.Script.ClientStream = async (requests, _) =>
        {
            if (++attempts == 1)
            {
                Assert.True(await requests.MoveNext());
                Assert.True(await requests.MoveNext());
                throw Retries.Unavailable();
            }

            EchoMessage joined = new();
            await foreach (EchoMessage request in requests.ReadAllAsync())
            {
                joined.Text += request.Text;
                if (joined.Text == "12")
                {
                    failed.TrySetResult();
                }
            }

            return joined;
        };
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient(Retries.On).ClientStream();

        await call.RequestStream.WriteAsync(new EchoMessage { Text = "1" }).Soon();
        await call.RequestStream.WriteAsync(new EchoMessage { Text = "2" }).Soon();
        await failed.Task.Soon();
        await call.RequestStream.WriteAsync(new EchoMessage { Text = "3" }).Soon();
        await call.RequestStream.CompleteAsync().Soon();

        Assert.Equal("123", (await call.ResponseAsync.Soon()).Text);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task Write_WhileThereIsNoAttempt_WaitsForTheNext()
    {
        ManualTime time = new();
        await using EchoHost host = await EchoHost.StartAsync();
        int attempts = 0;
        DuplexStreamingServerMethod<EchoMessage, EchoMessage> echo = host.Script.Duplex;
        host.Script.Duplex = (requests, responses, context) =>
            ++attempts == 1 ? throw Retries.Unavailable() : echo(requests, responses, context);
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient(options =>
        {
            Retries.On(options);
            options.TimeProvider = time;
            options.NextRandom = () => 1;
        }).Duplex();
        await time.WhenWaiting(Retries.Second).Soon();

        Task write = call.RequestStream.WriteAsync(new EchoMessage { Text = "1" });
        Assert.False(write.IsCompleted);
        time.Advance(Retries.Second);

        await write.Soon();
        Assert.True(await call.ResponseStream.MoveNext().Soon());
        Assert.Equal("1", call.ResponseStream.Current.Text);
        await call.RequestStream.CompleteAsync().Soon();
        Assert.False(await call.ResponseStream.MoveNext().Soon());
    }

    [Fact]
    public async Task Duplex_AfterItsFirstResponse_IsNotRepeated()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        int attempts = 0;
        host.Script.Duplex = async (requests, responses, _) =>
        {
            attempts++;
            await requests.MoveNext();
            await responses.WriteAsync(requests.Current);
            await requests.MoveNext();
            throw Retries.Unavailable();
        };
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient(Retries.On).Duplex();
        await call.RequestStream.WriteAsync(new EchoMessage { Text = "1" }).Soon();
        Assert.True(await call.ResponseStream.MoveNext().Soon());

        await call.RequestStream.WriteAsync(new EchoMessage { Text = "2" }).Soon();

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().Soon());
        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
        Assert.Equal(1, attempts);
        await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new EchoMessage()).Soon());
    }

    [Fact]
    public async Task ClientStream_MoreThanTheBufferHolds_IsNotRepeatedAndArrivesWhole()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        long bytes = 0;
        host.Script.ClientStream = async (requests, _) =>
        {
            await foreach (EchoMessage request in requests.ReadAllAsync())
            {
                bytes += request.Data.Length;
            }

            throw Retries.Unavailable();
        };
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient(options =>
        {
            Retries.On(options);
            options.MaxRetryBufferPerCallSize = 250;
        }).ClientStream();

        for (int i = 0; i < 10; i++)
        {
            await call.RequestStream.WriteAsync(new EchoMessage { Data = ByteString.CopyFrom(new byte[100]) }).Soon();
        }

        await call.RequestStream.CompleteAsync().Soon();

        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.Soon())).StatusCode);
        Assert.Equal(1000, bytes);
    }

    [Fact]
    public async Task Write_LargerThanTheBufferInAPause_MakesTheNextAttemptTheLast()
    {
        ManualTime time = new();
        await using EchoHost host = await EchoHost.StartAsync();
        List<int> received = [];
        host.Script.ClientStream = async (requests, _) =>
        {
            if (received.Count == 0)
            {
                received.Add(0);
                throw Retries.Unavailable();
            }

            Assert.True(await requests.MoveNext());
            received.Add(requests.Current.Data.Length);
            throw Retries.Unavailable();
        };
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient(options =>
        {
            Retries.On(options);
            options.MaxRetryBufferPerCallSize = 50;
            options.TimeProvider = time;
            options.NextRandom = () => 1;
        }).ClientStream();
        await time.WhenWaiting(Retries.Second).Soon();

        Task write = call.RequestStream.WriteAsync(new EchoMessage { Data = ByteString.CopyFrom(new byte[100]) });
        time.Advance(Retries.Second);

        await write.Soon();
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.Soon())).StatusCode);
        Assert.Equal([0, 100], received);
    }

    [Fact]
    public async Task ServerStream_FailsBeforeItsFirstResponse_IsRepeated()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        int attempts = 0;
        ServerStreamingServerMethod<EchoMessage, EchoMessage> echo = host.Script.ServerStream;
        host.Script.ServerStream = (request, responses, context) =>
            ++attempts == 1 ? throw Retries.Unavailable() : echo(request, responses, context);
        using AsyncServerStreamingCall<EchoMessage> call = host.CreateClient(Retries.On).ServerStream(new EchoMessage { Text = "ab" });

        List<string> texts = [];
        while (await call.ResponseStream.MoveNext().Soon())
        {
            texts.Add(call.ResponseStream.Current.Text);
        }

        Assert.Equal(["a", "b"], texts);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task Read_CancelledWhileThereIsNoAttempt_EndsTheCall()
    {
        ManualTime time = new();
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.Duplex = (_, _, _) => throw Retries.Unavailable();
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient(options =>
        {
            Retries.On(options);
            options.TimeProvider = time;
            options.NextRandom = () => 1;
        }).Duplex();
        await time.WhenWaiting(Retries.Second).Soon();
        using CancellationTokenSource source = new();
        Task<bool> read = call.ResponseStream.MoveNext(source.Token);

        await source.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => read.Soon())).StatusCode);
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Write_CallFailsForGood_ShowsItsStatus()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.ClientStream = (_, _) => throw Retries.Unavailable();
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient(Retries.On).ClientStream();
        await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.Soon());

        RpcException exception = await Assert.ThrowsAsync<RpcException>(
            () => call.RequestStream.WriteAsync(new EchoMessage()).Soon());

        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
    }
}
