using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;

namespace AdamGrpc.Tests;

public sealed class RetryTests
{
    private const string PreviousAttempts = "grpc-previous-rpc-attempts";

    private readonly List<string?> _attempts = [];

    [Fact]
    public async Task Unary_FailsTwice_IsSentAgainAndCounted()
    {
        await using EchoHost host = await StartAsync(failures: 2);
        using AsyncUnaryCall<EchoMessage> call = host.CreateClient(Retries.On)
            .UnaryAsync(new EchoMessage { Text = "x" }, new Metadata { { "a", "b" } });

        Assert.Equal("x", (await call.ResponseAsync.Soon()).Text);
        Assert.Equal([null, "1", "2"], _attempts);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Empty(call.GetTrailers());
        await call.ResponseHeadersAsync.Soon();
    }

    [Fact]
    public async Task Unary_FailsTooOften_ShowsTheLastFailure()
    {
        await using EchoHost host = await StartAsync(failures: 4);
        using AsyncUnaryCall<EchoMessage> call = host.CreateClient(Retries.On).UnaryAsync(new EchoMessage());

        Assert.Equal(StatusCode.Unavailable, await FailAsync(call.ResponseAsync));
        Assert.Equal(3, _attempts.Count);
        Assert.Equal(StatusCode.Unavailable, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Unary_ChannelAllowsFewer_StopsThere()
    {
        await using EchoHost host = await StartAsync(failures: 4);
        Echo.EchoClient client = host.CreateClient(options =>
        {
            Retries.On(options);
            options.MaxRetryAttempts = 2;
        });

        Assert.Equal(StatusCode.Unavailable, await FailAsync(client.UnaryAsync(new EchoMessage()).ResponseAsync));
        Assert.Equal(2, _attempts.Count);
    }

    [Fact]
    public async Task Unary_OtherStatus_IsNotRepeated()
    {
        await using EchoHost host = await StartAsync(failures: 1, () => new RpcException(new Status(StatusCode.Aborted, "")));

        Assert.Equal(StatusCode.Aborted, await FailAsync(host.CreateClient(Retries.On).UnaryAsync(new EchoMessage()).ResponseAsync));
        Assert.Single(_attempts);
    }

    [Fact]
    public async Task Unary_HeadersWereSent_IsNotRepeated()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        int calls = 0;
        host.Script.Unary = async (_, context) =>
        {
            calls++;
            await context.WriteResponseHeadersAsync(new Metadata { { "a", "b" } });
            throw Retries.Unavailable();
        };

        using AsyncUnaryCall<EchoMessage> call = host.CreateClient(Retries.On).UnaryAsync(new EchoMessage());

        Assert.Equal(StatusCode.Unavailable, await FailAsync(call.ResponseAsync));
        Assert.Equal("b", (await call.ResponseHeadersAsync.Soon()).GetValue("a"));
        Assert.Equal(1, calls);
    }

    [Theory]
    [InlineData(100, 1_000_000)]
    [InlineData(1_000_000, 100)]
    public async Task Unary_LargerThanTheBuffer_IsSentOnce(long ofCall, long ofChannel)
    {
        await using EchoHost host = await StartAsync(failures: 1);
        Echo.EchoClient client = host.CreateClient(options =>
        {
            Retries.On(options);
            options.MaxRetryBufferPerCallSize = ofCall;
            options.MaxRetryBufferSize = ofChannel;
        });

        Task<EchoMessage> large = client.UnaryAsync(new EchoMessage { Data = ByteString.CopyFrom(new byte[200]) }).ResponseAsync;

        Assert.Equal(StatusCode.Unavailable, await FailAsync(large));
        Assert.Single(_attempts);
    }

    [Fact]
    public async Task Buffer_AfterItsCalls_IsFreeAgain()
    {
        await using EchoHost host = await StartAsync(failures: 0);
        Echo.EchoClient client = host.CreateClient(options =>
        {
            Retries.On(options);
            options.MaxRetryBufferSize = 300;
        });
        EchoMessage message = new() { Data = ByteString.CopyFrom(new byte[200]) };
        for (int i = 0; i < 3; i++)
        {
            await client.UnaryAsync(message).ResponseAsync.Soon();
        }

        _attempts.Clear();
        int failures = 1;
        host.Script.Unary = (request, context) => failures-- > 0 ? throw Retries.Unavailable() : Task.FromResult(request);

        await client.UnaryAsync(message).ResponseAsync.Soon();
    }

    [Fact]
    public async Task Unary_NoServer_IsTriedAgain()
    {
        int attempts = 0;
        using StubHandler handler = new((_, _) =>
        {
            attempts++;
            throw new HttpRequestException(HttpRequestError.ConnectionError);
        });
        GrpcChannelOptions options = new() { HttpHandler = handler };
        Retries.On(options);
        using GrpcChannel channel = GrpcChannel.ForAddress("http://localhost", options);

        Assert.Equal(StatusCode.Unavailable, await FailAsync(new Echo.EchoClient(channel).UnaryAsync(new EchoMessage()).ResponseAsync));
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task Pause_GrowsUpToItsLimit()
    {
        ManualTime time = new();
        await using EchoHost host = await StartAsync(failures: 3);
        using AsyncUnaryCall<EchoMessage> call = host.CreateClient(options =>
        {
            Retries.On(options, Retries.Policy(attempts: 4));
            options.TimeProvider = time;
            options.NextRandom = () => 1;
        }).UnaryAsync(new EchoMessage());

        foreach (int seconds in (int[])[1, 2, 3])
        {
            await time.WhenWaiting(seconds * Retries.Second).Soon();
            time.Advance(seconds * Retries.Second);
        }

        await call.ResponseAsync.Soon();
        Assert.Equal(4, _attempts.Count);
    }

    [Fact]
    public async Task Pushback_Number_IsThePause()
    {
        ManualTime time = new();
        await using EchoHost host = await StartAsync(failures: 1, () => Retries.Unavailable("7000"));
        using AsyncUnaryCall<EchoMessage> call = host.CreateClient(options =>
        {
            Retries.On(options);
            options.TimeProvider = time;
        }).UnaryAsync(new EchoMessage());

        await time.WhenWaiting(7 * Retries.Second).Soon();
        Assert.Single(_attempts);
        time.Advance(7 * Retries.Second);

        await call.ResponseAsync.Soon();
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("soon")]
    public async Task Pushback_AnythingElse_EndsTheCall(string pushback)
    {
        await using EchoHost host = await StartAsync(failures: 1, () => Retries.Unavailable(pushback));

        Assert.Equal(StatusCode.Unavailable, await FailAsync(host.CreateClient(Retries.On).UnaryAsync(new EchoMessage()).ResponseAsync));
        Assert.Single(_attempts);
    }

    [Fact]
    public async Task Throttle_HalfOfTheTokensGone_StopsRepeating()
    {
        await using EchoHost host = await StartAsync(failures: 100);
        Echo.EchoClient client = host.CreateClient(options => Retries.On(
            options, Retries.Policy(), new RetryThrottlingPolicy { MaxTokens = 4, TokenRatio = 0.5 }));

        // 4 tokens: the second failure leaves two, which is half.
        Assert.Equal(StatusCode.Unavailable, await FailAsync(client.UnaryAsync(new EchoMessage()).ResponseAsync));
        Assert.Equal(2, _attempts.Count);
        Assert.Equal(StatusCode.Unavailable, await FailAsync(client.UnaryAsync(new EchoMessage()).ResponseAsync));
        Assert.Equal(3, _attempts.Count);
    }

    [Fact]
    public async Task Deadline_InAPause_EndsTheCall()
    {
        ManualTime time = new();
        await using EchoHost host = await StartAsync(failures: 1);
        using AsyncUnaryCall<EchoMessage> call = host.CreateClient(options =>
        {
            Retries.On(options, new RetryPolicy
            {
                MaxAttempts = 2,
                InitialBackoff = TimeSpan.FromHours(2),
                MaxBackoff = TimeSpan.FromHours(2),
                BackoffMultiplier = 1,
                RetryableStatusCodes = { StatusCode.Unavailable },
            });
            options.TimeProvider = time;
            options.NextRandom = () => 1;
        }).UnaryAsync(new EchoMessage(), deadline: time.GetUtcNow().UtcDateTime.AddHours(1));
        await time.WhenWaiting(TimeSpan.FromHours(2)).Soon();

        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(StatusCode.DeadlineExceeded, await FailAsync(call.ResponseAsync));
        Assert.Equal(StatusCode.DeadlineExceeded, call.GetStatus().StatusCode);
        Assert.Single(_attempts);
        Assert.Equal(0, time.Waiting);
    }

    [Fact]
    public async Task Deadline_IsOneForAllAttempts()
    {
        ManualTime time = new();
        List<string?> timeouts = [];
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.Unary = (request, context) =>
        {
            timeouts.Add(context.GetHttpContext().Request.Headers["grpc-timeout"]);
            return timeouts.Count == 1 ? throw Retries.Unavailable() : Task.FromResult(request);
        };
        using AsyncUnaryCall<EchoMessage> call = host.CreateClient(options =>
        {
            Retries.On(options);
            options.TimeProvider = time;
            options.NextRandom = () => 1;
        }).UnaryAsync(new EchoMessage(), deadline: time.GetUtcNow().UtcDateTime.AddSeconds(60));
        await time.WhenWaiting(Retries.Second).Soon();

        time.Advance(Retries.Second);

        await call.ResponseAsync.Soon();
        Assert.Equal(["60000000u", "59000000u"], timeouts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancellation_InAPause_EndsTheCall(bool disposes)
    {
        ManualTime time = new();
        await using EchoHost host = await StartAsync(failures: 1);
        using CancellationTokenSource source = new();
        using AsyncUnaryCall<EchoMessage> call = host.CreateClient(options =>
        {
            Retries.On(options);
            options.TimeProvider = time;
            options.NextRandom = () => 1;
        }).UnaryAsync(new EchoMessage(), cancellationToken: source.Token);
        await time.WhenWaiting(Retries.Second).Soon();

        if (disposes)
        {
            call.Dispose();
        }
        else
        {
            await source.CancelAsync();
        }

        Assert.Equal(StatusCode.Cancelled, await FailAsync(call.ResponseAsync));
        Assert.Single(_attempts);
    }

    [Fact]
    public async Task Dispose_JustBeforeAPause_EndsTheCall()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource release = Waiting.Point();
        int attempts = 0;
        host.Script.Unary = async (_, _) =>
        {
            attempts++;
            await release.Task;
            throw Retries.Unavailable();
        };
        AsyncUnaryCall<EchoMessage>? call = null;
        call = host.CreateClient(options =>
        {
            Retries.On(options);
            options.TimeProvider = new ManualTime();
            options.NextRandom = () =>
            {
                // The attempt has failed, and the pause has not begun.
                call!.Dispose();
                return 1;
            };
        }).UnaryAsync(new EchoMessage());

        release.SetResult();

        Assert.Equal(StatusCode.Cancelled, await FailAsync(call.ResponseAsync));
        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task Channel_DisposedInAPause_EndsTheCall()
    {
        ManualTime time = new();
        await using EchoHost host = await StartAsync(failures: 1);
        GrpcChannel channel = host.CreateChannel(options =>
        {
            Retries.On(options);
            options.TimeProvider = time;
            options.NextRandom = () => 1;
        });
        using AsyncUnaryCall<EchoMessage> call = new Echo.EchoClient(channel).UnaryAsync(new EchoMessage());
        await time.WhenWaiting(Retries.Second).Soon();

        channel.Dispose();

        Assert.Equal(StatusCode.Cancelled, await FailAsync(call.ResponseAsync));
    }

    [Fact]
    public async Task Metadata_ChangedByTheCallerMeanwhile_IsSentAsItWas()
    {
        ManualTime time = new();
        List<string?> sent = [];
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.Unary = (request, context) =>
        {
            sent.Add(context.RequestHeaders.GetValue("a"));
            return sent.Count == 1 ? throw Retries.Unavailable() : Task.FromResult(request);
        };
        Metadata metadata = new() { { "a", "b" } };
        using AsyncUnaryCall<EchoMessage> call = host.CreateClient(options =>
        {
            Retries.On(options);
            options.TimeProvider = time;
            options.NextRandom = () => 1;
        }).UnaryAsync(new EchoMessage(), metadata);
        await time.WhenWaiting(Retries.Second).Soon();

        metadata.Clear();
        time.Advance(Retries.Second);

        await call.ResponseAsync.Soon();
        Assert.Equal(["b", "b"], sent);
    }

    [Fact]
    public async Task Metadata_ThatCannotBeSent_IsThrownToTheCaller()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        Assert.Throws<ArgumentException>(
            () => host.CreateClient(Retries.On).UnaryAsync(new EchoMessage(), new Metadata { { "x", "\u00fc" } }));
    }

    private static async Task<StatusCode> FailAsync(Task task) => (await Assert.ThrowsAsync<RpcException>(() => task.Soon())).StatusCode;

    /// <summary>A server whose unary calls fail at first. Attempts are noted by their header.</summary>
    private async Task<EchoHost> StartAsync(int failures, Func<RpcException>? failure = null)
    {
        EchoHost host = await EchoHost.StartAsync();
        host.Script.Unary = (request, context) =>
        {
            _attempts.Add(context.RequestHeaders.GetValue(PreviousAttempts));
            return _attempts.Count <= failures ? throw (failure ?? (() => Retries.Unavailable()))() : Task.FromResult(request);
        };
        return host;
    }
}
