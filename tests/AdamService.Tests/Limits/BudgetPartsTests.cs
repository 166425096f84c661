using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.Limits;

/// <summary>Server, tenant, session: each has its bound, and a refusal names the one that was reached.</summary>
public sealed class BudgetPartsTests
{
    private readonly MemoryBudget _server = Budgets.Of(1000);

    [Fact]
    public void Reserve_InAPart_CountsInTheWhole_AndIsGivenBackInBoth()
    {
        var part = _server.Part("tenant 't'", "TenantMemoryBytes", 600);

        part.Reserve(500, "A");
        Assert.Equal((500, 500, 100), (part.ReservedBytes, _server.ReservedBytes, part.FreeBytes));
        _server.Reserve(450, "B");
        Assert.Equal(50, part.FreeBytes);
        part.Release(500);

        Assert.Equal((0, 450, 550), (part.ReservedBytes, _server.ReservedBytes, part.FreeBytes));
    }

    [Fact]
    public void Reserve_MoreThanThePartMayHave_NamesThePart_AndReservesNothing()
    {
        var part = _server.Part("tenant 't'", "TenantMemoryBytes", 600).Part("session 's'", "SessionMemoryBytes", 300);

        var refusal = Assert.Throws<ServiceException>(() => part.Reserve(301, "A"));

        Assert.Equal(refusal.Message, part.RefusalOf(301, "A")!.Message);
        Assert.Equal(
            "A needs 301 bytes; 300 of the 300 that session 's' may have are free, 1 too few. Use less, or raise Limits:SessionMemoryBytes on the service.",
            refusal.Message);
        Assert.Contains(("option", "Limits:SessionMemoryBytes"), refusal.Metadata);
        Assert.Equal((0, 0), (part.ReservedBytes, _server.ReservedBytes));
    }

    [Fact]
    public void Reserve_MoreThanTheWholeHas_NamesTheWhole_AndReservesNothing()
    {
        var part = _server.Part("tenant 't'", "TenantMemoryBytes", 600);
        _server.Reserve(500, "other");

        var refusal = Assert.Throws<ServiceException>(() => part.Reserve(501, "A"));

        Assert.Equal(refusal.Message, part.RefusalOf(501, "A")!.Message);
        Assert.Contains(("limit", "MemoryBytes"), refusal.Metadata);
        Assert.Contains("500 of 1000 are free, 1 too few.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal((0, 500), (part.ReservedBytes, _server.ReservedBytes));
        Assert.False(part.TryReserve(501));
        Assert.Equal((0, 500), (part.ReservedBytes, _server.ReservedBytes));
        Assert.Null(part.RefusalOf(500, "A"));
        Assert.True(part.TryReserve(500));
        Assert.Equal((500, 1000), (part.ReservedBytes, _server.ReservedBytes));
    }

    [Fact]
    public void Reserve_WhatOnlyFitsInPlaceOfIdleMemory_TakesItBack_WhoeverKeepsIt()
    {
        var (one, other) = (_server.Part("a", "SessionMemoryBytes", 800), _server.Part("b", "SessionMemoryBytes", 800));
        using var keeper = new StagingMemory(one, TimeProvider.System, TimeSpan.FromHours(1));
        keeper.Rent(Adam.Engine.TensorDType.Float32, 150, "A").Dispose();
        Assert.Equal((0, 600, 600, 1000), (one.ReservedBytes, one.IdleBytes, _server.IdleBytes, _server.FreeBytes));
        Assert.Null(other.RefusalOf(700, "B"));
        Assert.False(other.TryReserve(700));

        other.Reserve(700, "B");

        Assert.Equal((0, 0, 0, 700), (one.ReservedBytes, one.IdleBytes, _server.IdleBytes, _server.ReservedBytes));
    }

    [Fact]
    public void Part_WithoutABoundOfItsOwn_IsTheWhole() => Assert.Same(_server, _server.Part("tenant 't'", "TenantMemoryBytes", 0));

    [Fact]
    public void Tenants_HaveABudgetEach_AndTheirSessionsShareIt()
    {
        var limits = Options.Create(new LimitsOptions { TenantMemoryBytes = 400, SessionMemoryBytes = 300 });
        var tenants = new TenantBudgets(_server, limits);

        tenants.ForSession("t", "a").Reserve(300, "A");
        var refusal = Assert.Throws<ServiceException>(() => tenants.ForSession("t", "b").Reserve(101, "B"));
        tenants.ForSession("u", "a").Reserve(300, "C");

        Assert.Contains("100 of the 400 that tenant 't' may have are free, 1 too few.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal((300, 300, 600), (tenants.Of("t").ReservedBytes, tenants.Of("u").ReservedBytes, _server.ReservedBytes));
    }

    [Fact]
    public async Task Train_BatchThatTheSessionMayNotHold_IsRefusedWithItsLimit_AndOthersAreNotHeldUp()
    {
        await using var service = await TestService.StartAsync(("Limits:SessionMemoryBytes", "1300"));
        var values = Floats.Random(96, 1);
        await service.CreateAsync(Requests.Create("s", values));
        await service.CreateAsync(Requests.Create("small", [1f]));

        var refusal = await Refusal.OfAsync(
            StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => service.StepAsync(Requests.Step("s", "w", Requests.Begin(1), values)));

        Assert.Equal(("SessionMemoryBytes", "384", "148"), (refusal.Metadata["limit"], refusal.Metadata["needed"], refusal.Metadata["free"]));
        Assert.Equal(BatchOutcome.Applied, (await service.StepAsync(Requests.Step("small", "w", Requests.Begin(1), [1f]))).Result.Outcome);
        await service.DeleteAsync("s");
        await service.DeleteAsync("small");
        Assert.Equal(0, service.Memory.ReservedBytes);
    }
}
