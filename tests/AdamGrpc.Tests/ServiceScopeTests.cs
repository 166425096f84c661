using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Grpc.AspNetCore.Server.Internal;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AdamGrpc.Tests;

/// <summary>When a call has a scope of services, and when it does without.</summary>
public sealed class ServiceScopeTests
{
    [Fact]
    public async Task Service_OfSingletons_IsServedWithoutScopeUntilSomebodyAsks()
    {
        await using EchoHost host = await EchoHost.StartAsync(services: services => services.AddScoped<Dependency>());
        bool hadScope = true;
        bool areDifferent = false;
        host.Script.Unary = (request, context) =>
        {
            hadScope = context.GetHttpContext().Features.Get<IServiceProvidersFeature>() is not null;
            areDifferent = context.GetHttpContext().RequestServices != host.App.Services
                && context.GetHttpContext().RequestServices.GetRequiredService<Dependency>() is not null;
            return Task.FromResult(request);
        };

        EchoMessage reply = await host.CreateClient().UnaryAsync(new EchoMessage { Text = "hi" }).ResponseAsync.Soon();

        Assert.Equal("hi", reply.Text);
        Assert.False(hadScope);
        Assert.True(areDifferent);
    }

    [Fact]
    public void NeedsOnlySingletons_WhatMayDifferInAScope_DoesNot()
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddSingleton<Dependency>();
        services.AddScoped<ScopedDependency>();
        services.AddTransient<RegisteredTransient>();
        services.AddSingleton<RegisteredSingleton>();
        services.AddSingleton<Ambiguous>();
        services.AddScoped<Ambiguous>();
        services.AddKeyedSingleton<Keyed>("key");
        ServiceLifetimes lifetimes = new(services);

        Assert.True(lifetimes.NeedsOnlySingletons(typeof(OfNothing)));
        Assert.True(lifetimes.NeedsOnlySingletons(typeof(OfSingletons)));
        Assert.True(lifetimes.NeedsOnlySingletons(typeof(RegisteredSingleton)));
        Assert.False(lifetimes.NeedsOnlySingletons(typeof(RegisteredTransient)));
        Assert.False(lifetimes.NeedsOnlySingletons(typeof(OfScoped)));
        Assert.False(lifetimes.NeedsOnlySingletons(typeof(OfProvider)));
        Assert.False(lifetimes.NeedsOnlySingletons(typeof(OfKeyed)));
        Assert.False(lifetimes.NeedsOnlySingletons(typeof(OfUnknown)));
        Assert.False(lifetimes.NeedsOnlySingletons(typeof(OfTwo)));
        Assert.False(lifetimes.NeedsOnlySingletons(typeof(Ambiguous)));
        Assert.False(lifetimes.NeedsOnlySingletons(typeof(Keyed)));
    }

    [Fact]
    public async Task CancellationToken_AskedForAfterTheCall_NeverFires()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        ServerCallContext? kept = null;
        host.Script.Unary = (request, context) =>
        {
            kept = context;
            return Task.FromResult(request);
        };
        await host.CreateClient().UnaryAsync(new EchoMessage()).ResponseAsync.Soon();
        await host.App.StopAsync();

        Assert.False(kept!.CancellationToken.IsCancellationRequested);
        Assert.False(kept.CancellationToken.CanBeCanceled);
    }

    [Fact]
    public async Task CancellationToken_AskedForAfterTheClientCancelled_HasFired()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<bool> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Script.Unary = async (request, context) =>
        {
            CancellationToken aborted = context.GetHttpContext().RequestAborted;
            entered.SetResult();
            await aborted.WhenCancelled();
            seen.SetResult(context.CancellationToken.IsCancellationRequested);
            return request;
        };
        using AsyncUnaryCall<EchoMessage> call = host.CreateClient().UnaryAsync(new EchoMessage());
        await entered.Task.Soon();

        call.Dispose();

        Assert.True(await seen.Task.Soon());
    }

    private sealed class Dependency;

    private sealed class ScopedDependency;

    private sealed class RegisteredTransient;

    private sealed class RegisteredSingleton;

    private sealed class Ambiguous;

    private sealed class Keyed;

    private sealed class OfNothing;

#pragma warning disable CS9113 // Only their signatures count.
    private sealed class OfSingletons(Dependency dependency, ILogger<OfSingletons> logger);

    private sealed class OfScoped(Dependency dependency, ScopedDependency scoped);

    private sealed class OfProvider(IServiceProvider services);

    private sealed class OfKeyed([FromKeyedServices("key")] Keyed keyed);

    private sealed class OfUnknown(OfNothing? unknown = null);
#pragma warning restore CS9113

    private sealed class OfTwo
    {
        public OfTwo()
        {
        }

        public OfTwo(Dependency dependency) => _ = dependency;
    }
}
