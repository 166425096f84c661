using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace AdamGrpc.Tests;

public sealed class DeadlineTests
{
    private static readonly EchoMessage Large = new() { Data = ByteString.CopyFrom(new byte[3 * 1024 * 1024]) };

    private static DateTime InAnHour => TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1);

    [Fact]
    public async Task Deadline_WithUnsentData_StatusFollowsTheData()
    {
        ManualTime time = new();
        await using EchoHost host = await EchoHost.StartAsync(services: services => services.AddSingleton<TimeProvider>(time));
        TaskCompletionSource written = Waiting.Point();
        TaskCompletionSource fired = Waiting.Point();
        host.Script.ServerStream = async (_, responses, context) =>
        {
            responses.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
            await responses.WriteAsync(Large);
            written.SetResult();
            await context.CancellationToken.WhenCancelled();
            fired.SetResult();
        };
        using AsyncServerStreamingCall<EchoMessage> call = host.CreateClient().ServerStream(new EchoMessage(), deadline: InAnHour);
        await written.Task.Soon();

        time.Advance(TimeSpan.FromHours(2));
        await fired.Task.Soon();

        Assert.True(await call.ResponseStream.MoveNext().Soon());
        Assert.Equal(Large.Data.Length, call.ResponseStream.Current.Data.Length);
        Assert.Equal(StatusCode.DeadlineExceeded, await FailAsync(call.ResponseStream.MoveNext()));
    }

    [Fact]
    public async Task Deadline_AfterTheHandlerWithAResponseThatNobodyReads_StillEndsTheCall()
    {
        ManualTime time = new();
        await using EchoHost host = await EchoHost.StartAsync(services: services => services.AddSingleton<TimeProvider>(time));
        TaskCompletionSource written = Waiting.Point();
        host.Script.ServerStream = async (_, responses, _) =>
        {
            responses.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
            await responses.WriteAsync(Large);
            written.SetResult();
        };
        using AsyncServerStreamingCall<EchoMessage> call = host.CreateClient().ServerStream(new EchoMessage(), deadline: InAnHour);
        await written.Task.Soon();

        time.Advance(TimeSpan.FromHours(2));

        // The deadline meets the handler before or after its return: it sends its status, or cuts what waits for the client.
        StatusCode status = await FailAsync(ReadAllAsync(call.ResponseStream));
        Assert.Contains(status, new[] { StatusCode.DeadlineExceeded, StatusCode.Cancelled });
    }

    [Fact]
    public async Task Deadline_WithACallbackThatThrows_IsLoggedAndTheCallEnds()
    {
        ManualTime time = new();
        await using EchoHost host = await EchoHost.StartAsync(services: services => services.AddSingleton<TimeProvider>(time));
        host.ExpectsErrors = true;
        TaskCompletionSource entered = Waiting.Point();
        host.Script.ServerStream = async (_, _, context) =>
        {
            Task cancelled = context.CancellationToken.WhenCancelled();
            context.CancellationToken.UnsafeRegister(static _ => throw new FormatException("from a callback"), null);
            entered.SetResult();
            await cancelled;
        };
        using AsyncServerStreamingCall<EchoMessage> call = host.CreateClient().ServerStream(new EchoMessage(), deadline: InAnHour);
        await entered.Task.Soon();

        time.Advance(TimeSpan.FromHours(2));

        Assert.Equal(StatusCode.DeadlineExceeded, await FailAsync(call.ResponseStream.MoveNext()));
        await host.App.StopAsync().Soon();
        Assert.StartsWith("CallbackFailed", Assert.Single(host.Log.Errors), StringComparison.Ordinal);
        Assert.Equal(0, time.Waiting);
    }

    [Fact]
    public async Task Deadline_NoticedByTheServerFirst_IsShownAsOne()
    {
        ManualTime time = new();
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource entered = Waiting.Point();
        TaskCompletionSource release = Waiting.Point();
        host.Script.Unary = async (request, context) =>
        {
            entered.SetResult();
            await release.Task;
            context.GetHttpContext().Features.Get<IHttpResetFeature>()!.Reset(8); // CANCEL
            return request;
        };
        using AsyncUnaryCall<EchoMessage> call = host.CreateClient(options => options.TimeProvider = time)
            .UnaryAsync(new EchoMessage(), deadline: time.GetUtcNow().UtcDateTime.AddHours(1));
        await entered.Task.Soon();

        time.AdvanceSilently(TimeSpan.FromHours(1));
        release.SetResult();

        Assert.Equal(StatusCode.DeadlineExceeded, await FailAsync(call.ResponseAsync));
        Assert.Empty(call.GetTrailers());
    }

    [Fact]
    public async Task Deadline_OfACallThatCannotStart_LeavesNoTimer()
    {
        ManualTime time = new();
        await using EchoHost host = await EchoHost.StartAsync();
        Echo.EchoClient client = host.CreateClient(options => options.TimeProvider = time);
        Metadata unsendable = new() { { "x", "ü" } };
        DateTime deadline = time.GetUtcNow().UtcDateTime.AddHours(1);

        Assert.Throws<ArgumentException>(() => client.UnaryAsync(new EchoMessage(), unsendable, deadline));
        Assert.Throws<ArgumentException>(() => client.Duplex(unsendable, deadline));

        Assert.Equal(0, time.Waiting);
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(2)]
    public void CallTimer_ClockIsSet_FiresAfterItsTime(int hoursAhead)
    {
        ManualTime time = new();
        int fired = 0;
        using CallTimer timer = CallTimer.Start(time, TimeSpan.FromDays(50), () => fired++);

        // The first step of the timer ends before its time, so that it looks at the clock.
        time.SetClock(TimeSpan.FromHours(hoursAhead));
        time.Advance(TimeSpan.FromDays(40));
        time.Advance(TimeSpan.FromDays(10) - TimeSpan.FromSeconds(1));
        Assert.Equal(0, fired);
        Assert.Equal(1, time.Waiting);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, fired);
    }

    private static async Task ReadAllAsync(IAsyncStreamReader<EchoMessage> responses)
    {
        while (await responses.MoveNext())
        {
        }
    }

    private static async Task<StatusCode> FailAsync(Task task) => (await Assert.ThrowsAsync<RpcException>(() => task.Soon())).StatusCode;
}
