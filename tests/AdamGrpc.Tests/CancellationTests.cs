using System.Net.Sockets;
using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;

namespace AdamGrpc.Tests;

public sealed class CancellationTests
{
    private static readonly byte[] EmptyMessage = [0, 0, 0, 0, 0];

    [Fact]
    public async Task Deadline_OnTheServer_SendsStatusAndFiresTokenAndIgnoresTheLateResult()
    {
        ManualTime time = new();
        await using EchoHost host = await EchoHost.StartAsync(services: services => services.AddSingleton<TimeProvider>(time));
        TaskCompletionSource entered = Waiting.Point();
        TaskCompletionSource release = Waiting.Point();
        TaskCompletionSource<Task> returned = new(TaskCreationOptions.RunContinuationsAsynchronously);
        DateTime deadline = default;
        host.Script.Unary = async (request, context) =>
        {
            deadline = context.Deadline;
            entered.SetResult();
            await context.CancellationToken.WhenCancelled();
            returned.SetResult(release.Task);
            await release.Task;
            return request;
        };

        Task<RawCall> call = RawCall.SendAsync(
            host, RawCall.Unary, [EmptyMessage], request => request.Headers.TryAddWithoutValidation("grpc-timeout", "90S"));
        await entered.Task.Soon();
        time.Advance(TimeSpan.FromSeconds(89));
        Assert.Equal(1, time.Waiting);
        time.Advance(TimeSpan.FromSeconds(1));
        RawCall ended = await call.Soon();
        await returned.Task.Soon();
        release.SetResult();
        await host.App.StopAsync().Soon();

        Assert.Empty(host.Log.Errors);
        Assert.Empty(ended.Body);
        Assert.Equal("4", ended.Status);
        Assert.True(ended.IsTrailersOnly);
        Assert.Equal(new DateTime(2030, 1, 1, 0, 1, 30, DateTimeKind.Utc), deadline);
    }

    [Fact]
    public async Task Deadline_OnTheServer_EndsAPendingReadAndRefusesLateWrites()
    {
        ManualTime time = new();
        await using EchoHost host = await EchoHost.StartAsync(services: services => services.AddSingleton<TimeProvider>(time));
        TaskCompletionSource entered = Waiting.Point();
        TaskCompletionSource<(Exception? Read, Exception? Write)> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Script.Duplex = async (requests, responses, _) =>
        {
            await responses.WriteAsync(new EchoMessage());
            Task<bool> read = requests.MoveNext();
            entered.SetResult();
            Exception? readException = await Record.ExceptionAsync(() => read);
            seen.SetResult((readException, await Record.ExceptionAsync(() => responses.WriteAsync(new EchoMessage()))));
        };

        // The client's clock is the real one, so it is the server that ends the call.
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient()
            .Duplex(deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1));
        Assert.True(await call.ResponseStream.MoveNext().Soon());
        await entered.Task.Soon();
        time.Advance(TimeSpan.FromHours(2));

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().Soon());
        (Exception? read, Exception? write) = await seen.Task.Soon();

        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
        Assert.IsAssignableFrom<OperationCanceledException>(read);
        Assert.NotNull(write);
    }

    [Fact]
    public async Task Deadline_OnTheServerWhileAWriteIsBlocked_EndsTheWrite()
    {
        ManualTime time = new();
        await using EchoHost host = await EchoHost.StartAsync(services: services => services.AddSingleton<TimeProvider>(time));
        TaskCompletionSource blocked = Waiting.Point();
        TaskCompletionSource<Exception?> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Script.ServerStream = async (_, responses, _) =>
        {
            EchoMessage large = new() { Data = ByteString.CopyFrom(new byte[3 * 1024 * 1024]) };
            seen.SetResult(await Record.ExceptionAsync(async () =>
            {
                while (true)
                {
                    Task write = responses.WriteAsync(large);
                    if (!write.IsCompleted)
                    {
                        blocked.TrySetResult();
                    }

                    await write;
                }
            }));
        };
        using AsyncServerStreamingCall<EchoMessage> call = host.CreateClient()
            .ServerStream(new EchoMessage(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1));
        await blocked.Task.Soon();

        time.Advance(TimeSpan.FromHours(2));

        // The deadline meets a write that waits, or comes between two.
        Exception? refusal = await seen.Task.Soon();
        Assert.True(refusal is OperationCanceledException or InvalidOperationException, refusal?.ToString());
        StatusCode status = await FailAsync(Task.Run(async () =>
        {
            while (await call.ResponseStream.MoveNext())
            {
            }
        }));
        Assert.Contains(status, new[] { StatusCode.Cancelled, StatusCode.DeadlineExceeded });
    }

    [Fact]
    public async Task Deadline_OnTheClient_EndsTheCallAndTellsTheServer()
    {
        ManualTime time = new();
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource entered = Waiting.Point();
        TaskCompletionSource fired = Waiting.Point();
        host.Script.Unary = async (request, context) =>
        {
            entered.SetResult();
            await context.CancellationToken.WhenCancelled();
            fired.SetResult();
            return request;
        };
        using AsyncUnaryCall<EchoMessage> call = host.CreateClient(options => options.TimeProvider = time)
            .UnaryAsync(new EchoMessage(), deadline: time.GetUtcNow().UtcDateTime.AddHours(1));
        await entered.Task.Soon();

        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(StatusCode.DeadlineExceeded, await FailAsync(call.ResponseAsync));
        Assert.Equal(StatusCode.DeadlineExceeded, call.GetStatus().StatusCode);
        await fired.Task.Soon();
    }

    [Fact]
    public async Task Deadline_InThePast_NothingIsSent()
    {
        bool called = false;
        using StubHandler handler = new((_, _) =>
        {
            called = true;
            return Task.FromException<HttpResponseMessage>(new InvalidOperationException());
        });
        using GrpcChannel channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler });
        using AsyncUnaryCall<EchoMessage> call = new Echo.EchoClient(channel)
            .UnaryAsync(new EchoMessage(), deadline: DateTime.UnixEpoch);

        // A request is handed over before the call is, so there is no later moment at which it could be.
        Assert.False(called);
        Assert.Equal(StatusCode.DeadlineExceeded, await FailAsync(call.ResponseAsync));
    }

    [Fact]
    public async Task Deadline_BeyondTheReachOfATimer_DoesNotFire()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        EchoMessage reply = await host.CreateClient().UnaryAsync(
            new EchoMessage { Text = "x" }, deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddYears(200)).ResponseAsync.Soon();

        Assert.Equal("x", reply.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancel_ByTheCallersToken_IsSeenOnBothSides(bool preferCanceledException)
    {
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource entered = Waiting.Point();
        TaskCompletionSource fired = Waiting.Point();
        host.Script.Unary = async (request, context) =>
        {
            entered.SetResult();
            await context.CancellationToken.WhenCancelled();
            fired.SetResult();
            context.CancellationToken.ThrowIfCancellationRequested();
            return request;
        };
        using CancellationTokenSource cancellation = new();
        using AsyncUnaryCall<EchoMessage> call = host
            .CreateClient(options => options.ThrowOperationCanceledOnCancellation = preferCanceledException)
            .UnaryAsync(new EchoMessage(), cancellationToken: cancellation.Token);
        await entered.Task.Soon();

        await cancellation.CancelAsync();

        Exception exception = (await Record.ExceptionAsync(() => call.ResponseAsync.Soon()))!;
        Assert.Equal(preferCanceledException, exception is OperationCanceledException);
        Assert.Equal(
            preferCanceledException ? cancellation.Token : CancellationToken.None,
            (exception as OperationCanceledException)?.CancellationToken ?? CancellationToken.None);
        Assert.Equal(StatusCode.Cancelled, ((exception as RpcException) ?? (RpcException)exception.InnerException!).StatusCode);
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        await fired.Task.Soon();
    }

    [Fact]
    public async Task Cancel_ByDisposeWithoutAPendingRead_IsSeenByTheHandler()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource fired = Waiting.Point();
        host.Script.ServerStream = async (_, responses, context) =>
        {
            await responses.WriteAsync(new EchoMessage());
            await context.CancellationToken.WhenCancelled();
            fired.SetResult();
        };
        AsyncServerStreamingCall<EchoMessage> call = host.CreateClient().ServerStream(new EchoMessage());
        Assert.True(await call.ResponseStream.MoveNext().Soon());

        call.Dispose();

        await fired.Task.Soon();
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        Assert.Equal(StatusCode.Cancelled, await FailAsync(call.ResponseStream.MoveNext()));
    }

    [Fact]
    public async Task Cancel_OfAPendingRead_EndsTheCall()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource<Exception?> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource entered = Waiting.Point();
        host.Script.Duplex = async (requests, _, _) =>
        {
            Task<bool> read = requests.MoveNext();
            entered.SetResult();
            seen.SetResult(await Record.ExceptionAsync(() => read));
        };
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient().Duplex();
        using CancellationTokenSource cancellation = new();
        Task<bool> pending = call.ResponseStream.MoveNext(cancellation.Token);
        await entered.Task.Soon();

        await cancellation.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, await FailAsync(pending));
        Assert.IsAssignableFrom<OperationCanceledException>(await seen.Task.Soon());
    }

    [Fact]
    public async Task Cancel_OfAReadByTheHandler_LeavesTheCallUsable()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource cancelled = Waiting.Point();
        host.Script.Duplex = async (requests, responses, _) =>
        {
            using CancellationTokenSource cancellation = new();
            Task<bool> read = requests.MoveNext(cancellation.Token);
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
            cancelled.SetResult();
            Assert.True(await requests.MoveNext());
            await responses.WriteAsync(requests.Current);
        };
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient().Duplex();
        await cancelled.Task.Soon();

        await call.RequestStream.WriteAsync(new EchoMessage { Text = "still here" }).Soon();

        Assert.True(await call.ResponseStream.MoveNext().Soon());
        Assert.Equal("still here", call.ResponseStream.Current.Text);
    }

    [Fact]
    public async Task Cancel_ByTheClientDuringARead_IsNoFaultOfAHandlerThatDoesNotCatchIt()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using ManualResetEventSlim readEnded = new();
        TaskCompletionSource entered = Waiting.Point();
        TaskCompletionSource<bool> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Script.Duplex = async (requests, _, context) =>
        {
            // Callbacks run last in, first out: this one keeps the call's token from firing before the read ends.
            context.GetHttpContext().RequestAborted.UnsafeRegister(_ => readEnded.Wait(), null);
            Task<bool> read = requests.MoveNext();
            entered.SetResult();
            try
            {
                await read;
            }
            finally
            {
                seen.SetResult(context.CancellationToken.IsCancellationRequested);
                readEnded.Set();
            }
        };
        AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient().Duplex();
        await entered.Task.Soon();

        call.Dispose();

        // The host's own check is that nothing was logged as an error.
        Assert.True(await seen.Task.Soon());
    }

    [Fact]
    public async Task Cancel_OfABlockedWriteByTheHandler_LeavesRoomForTheStatus()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource cancelled = Waiting.Point();
        int written = 0;
        host.Script.ServerStream = async (_, responses, _) =>
        {
            EchoMessage large = new() { Data = ByteString.CopyFrom(new byte[1024 * 1024]) };
            using CancellationTokenSource cancellation = new();
            Exception? exception = await Record.ExceptionAsync(async () =>
            {
                while (true)
                {
                    Task write = responses.WriteAsync(large, cancellation.Token);
                    written += cancellation.IsCancellationRequested ? 0 : 1;
                    if (!write.IsCompleted && written > 8)
                    {
                        await cancellation.CancelAsync();
                    }

                    await write;
                }
            });
            Assert.Equal(cancellation.Token, Assert.IsAssignableFrom<OperationCanceledException>(exception).CancellationToken);
            cancelled.SetResult();
            throw new RpcException(new Status(StatusCode.Unavailable, "stopping"));
        };
        using AsyncServerStreamingCall<EchoMessage> call = host.CreateClient().ServerStream(new EchoMessage());
        int read = 0;
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext().Soon())
            {
                if (++read == 8)
                {
                    await cancelled.Task.Soon();
                }
            }
        });

        Assert.Equal(new Status(StatusCode.Unavailable, "stopping"), exception.Status);
        Assert.Equal(written, read);
    }

    [Fact]
    public async Task HandlerReturns_WithAPendingRead_EndsTheRead()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource<Task> pending = new(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Script.Duplex = (requests, _, _) =>
        {
            pending.SetResult(requests.MoveNext());
            return Task.CompletedTask;
        };
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient().Duplex();

        Assert.False(await call.ResponseStream.MoveNext().Soon());
        Task read = await pending.Task.Soon();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.Soon());
    }

    [Fact]
    public async Task ClientVanishes_InMidStream_HandlersTokenFires()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource fired = Waiting.Point();
        TaskCompletionSource<Exception?> read = new(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Script.Duplex = async (requests, responses, context) =>
        {
            await responses.WriteAsync(new EchoMessage());
            read.SetResult(await Record.ExceptionAsync(() => requests.MoveNext()));
            await context.CancellationToken.WhenCancelled();
            fired.SetResult();
        };
        Socket? socket = null;
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (connection, cancellationToken) =>
            {
                socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(connection.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = host
            .CreateClient(options => options.HttpHandler = handler).Duplex();
        Assert.True(await call.ResponseStream.MoveNext().Soon());

        socket!.Close(timeout: 0);

        Assert.IsAssignableFrom<OperationCanceledException>(await read.Task.Soon());
        await fired.Task.Soon();
        Assert.Equal(StatusCode.Unavailable, await FailAsync(call.ResponseStream.MoveNext()));
    }

    [Fact]
    public async Task ChannelDisposed_WithARunningCall_EndsIt()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource fired = Waiting.Point();
        host.Script.ServerStream = async (_, responses, context) =>
        {
            await responses.WriteAsync(new EchoMessage());
            await context.CancellationToken.WhenCancelled();
            fired.SetResult();
        };
        GrpcChannel channel = host.CreateChannel();
        using AsyncServerStreamingCall<EchoMessage> call = new Echo.EchoClient(channel).ServerStream(new EchoMessage());
        Assert.True(await call.ResponseStream.MoveNext().Soon());

        channel.Dispose();

        Assert.Equal(StatusCode.Cancelled, await FailAsync(call.ResponseStream.MoveNext()));
        await fired.Task.Soon();
    }

    private static async Task<StatusCode> FailAsync(Task task) => (await Assert.ThrowsAsync<RpcException>(() => task.Soon())).StatusCode;
}
