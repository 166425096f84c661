using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.ControlPlane;

/// <summary>Sessions end by label: exactly those that have all of them.</summary>
public sealed class DeleteSessionsTests
{
    [Fact]
    public async Task DeleteSessions_ByLabels_EndsThoseThatHaveAllOfThem()
    {
        await using var service = await TestService.StartAsync();
        await CreateAsync(service, "both", ("team", "a"), ("run", "1"));
        await CreateAsync(service, "more", ("team", "a"), ("run", "1"), ("x", ""));
        await CreateAsync(service, "one", ("team", "a"));
        await CreateAsync(service, "other value", ("team", "a"), ("run", "2"));
        await CreateAsync(service, "none");
        using var stream = await TrainClient.OpenAsync(service, "both");

        var deleted = await DeleteAsync(service, ("team", "a"), ("run", "1"));
        var again = await DeleteAsync(service, ("team", "a"), ("run", "1"));

        Assert.Equal((2ul, 0ul), (deleted.Deleted, again.Deleted));
        var left = await service.Sessions.ListSessionsAsync(new ListSessionsRequest(), TestService.Call());
        Assert.Equal(["none", "one", "other-value"], left.Sessions.Select(session => session.SessionId));
        (await stream.ReadRefusalAsync()).AssertIs(StatusCode.Aborted, ErrorReason.SessionDeleted);
        Assert.Equal(left.Sessions.Sum(session => (long)session.StateBytes), service.Memory.ReservedBytes);
    }

    [Fact]
    public async Task DeleteSessions_WithoutLabels_IsRefusedAndEndsNothing()
    {
        await using var service = await TestService.StartAsync();
        await CreateAsync(service, "s");

        var refusal = await Refusal.OfAsync(StatusCode.InvalidArgument, ErrorReason.InvalidField, () => DeleteAsync(service));

        Assert.Equal(["labels"], refusal.Fields);
        await service.GetAsync("s");
    }

    [Fact]
    public async Task DeleteSessions_LabelThatNoSessionMayHave_IsInvalid()
    {
        await using var service = await TestService.StartAsync();

        await Refusal.OfAsync(StatusCode.InvalidArgument, ErrorReason.InvalidField, () => DeleteAsync(service, ("", "a")));
    }

    private static async Task CreateAsync(TestService service, string id, params (string Key, string Value)[] labels)
    {
        var request = Requests.Create(id.Replace(' ', '-'), [1f]);
        foreach (var (key, value) in labels)
        {
            request.Labels[key] = value;
        }

        await service.CreateAsync(request);
    }

    private static async Task<DeleteSessionsResponse> DeleteAsync(TestService service, params (string Key, string Value)[] labels)
    {
        var request = new DeleteSessionsRequest();
        foreach (var (key, value) in labels)
        {
            request.Labels[key] = value;
        }

        return await service.Sessions.DeleteSessionsAsync(request, TestService.Call());
    }
}
