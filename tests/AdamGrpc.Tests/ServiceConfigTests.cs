using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using Grpc.Net.Client.Internal;
using Grpc.Net.Client.Internal.Retry;

namespace AdamGrpc.Tests;

public sealed class ServiceConfigTests
{
    private static readonly Marshaller<EchoMessage> Messages =
        Marshallers.Create(_ => Array.Empty<byte>(), _ => new EchoMessage());

    public static TheoryData<string, Action<RetryPolicy>> WrongPolicies => new()
    {
        { "max attempts", policy => policy.MaxAttempts = 1 },
        { "max attempts", policy => policy.MaxAttempts = null },
        { "initial backoff", policy => policy.InitialBackoff = TimeSpan.Zero },
        { "initial backoff", policy => policy.InitialBackoff = null },
        { "maximum backoff", policy => policy.MaxBackoff = TimeSpan.Zero },
        { "maximum backoff", policy => policy.MaxBackoff = null },
        { "multiplier", policy => policy.BackoffMultiplier = 0 },
        { "multiplier", policy => policy.BackoffMultiplier = double.NaN },
        { "status code", policy => policy.RetryableStatusCodes.Clear() },
    };

    [Theory]
    [MemberData(nameof(WrongPolicies))]
    public void ForAddress_WrongPolicy_SaysWhatIsWrong(string part, Action<RetryPolicy> spoil)
    {
        RetryPolicy policy = Retries.Policy();
        spoil(policy);

        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(
            () => Open(new ServiceConfig { MethodConfigs = { Config(policy, MethodName.Default) } }));

        Assert.Contains(part, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(null, 0.1)]
    [InlineData(1, 0.0)]
    [InlineData(1, null)]
    public void ForAddress_WrongThrottling_IsRefused(int? tokens, double? ratio) => Assert.Throws<InvalidOperationException>(() => Open(
        new ServiceConfig { RetryThrottling = new RetryThrottlingPolicy { MaxTokens = tokens, TokenRatio = ratio } }));

    [Fact]
    public void ForAddress_NameTwice_IsRefused() => Assert.Throws<InvalidOperationException>(() => Open(new ServiceConfig
    {
        MethodConfigs = { Config(Retries.Policy(), MethodName.Default), Config(null, new MethodName { Service = "", Method = "" }) },
    }));

    [Fact]
    public void ForAddress_MethodWithoutService_IsRefused() => Assert.Throws<InvalidOperationException>(
        () => Open(new ServiceConfig { MethodConfigs = { Config(null, new MethodName { Method = "m" }) } }));

    [Theory]
    [InlineData("s", "m", 2)]
    [InlineData("s", "other", 3)]
    [InlineData("other", "m", 4)]
    [InlineData("s", "without", null)]
    public void FindRetry_TakesTheNarrowestName(string service, string method, int? attempts)
    {
        MethodSettings settings = new(
            new ServiceConfig
            {
                MethodConfigs =
                {
                    Config(Retries.Policy(4), MethodName.Default),
                    Config(Retries.Policy(3), new MethodName { Service = "s" }),
                    Config(Retries.Policy(2), new MethodName { Service = "s", Method = "m" }),
                    Config(null, new MethodName { Service = "s", Method = "without" }),
                },
            },
            attemptsLimit: null);

        Assert.Equal(
            attempts,
            settings.FindRetry(new Method<EchoMessage, EchoMessage>(MethodType.Unary, service, method, Messages, Messages))?.AttemptsMax);
    }

    [Fact]
    public void Backoff_DrawsItsPartOfWhatGrows()
    {
        Backoff backoff = new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(15), 1.6, 0.8, 1.2, () => 0.5);

        Assert.Equal([10, 15, 15], Enumerable.Range(0, 3).Select(_ => (int)backoff.Next().TotalSeconds));
        backoff.Reset();
        Assert.Equal(10, (int)backoff.Next().TotalSeconds);
    }

    [Theory]
    [InlineData(0.0, 8)]
    [InlineData(1.0, 12)]
    public void Backoff_Draw_StaysInItsRange(double draw, int seconds) => Assert.Equal(
        seconds, (int)Math.Round(new Backoff(TimeSpan.FromSeconds(10), null, 1.6, 0.8, 1.2, () => draw).Next().TotalSeconds));

    [Fact]
    public void Throttle_SuccessesGiveTokensBack()
    {
        RetryThrottle throttle = new(new RetryThrottlingPolicy { MaxTokens = 4, TokenRatio = 0.5 });
        throttle.OnSuccess();
        throttle.OnFailure();
        Assert.False(throttle.IsActive);
        throttle.OnFailure();
        Assert.True(throttle.IsActive);

        throttle.OnSuccess();

        Assert.False(throttle.IsActive);
    }

    private static MethodConfig Config(RetryPolicy? policy, MethodName name) => new() { RetryPolicy = policy, Names = { name } };

    private static void Open(ServiceConfig config) =>
        GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { ServiceConfig = config }).Dispose();
}
