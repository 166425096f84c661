using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.ControlPlane;

public sealed class ListSessionsTests
{
    [Fact]
    public async Task ListSessions_Pages_AreInOrderAndComplete()
    {
        await using var service = await TestService.StartAsync();
        string[] ids = ["b", "B", "a-1", "a", "a.2", "c", "10", "9"];
        foreach (var id in ids)
        {
            await service.CreateAsync(Requests.Create(id, [1f]));
        }

        var pages = new List<string[]>();
        var token = "";
        do
        {
            var page = await ListAsync(service, new ListSessionsRequest { PageSize = 3, PageToken = token });
            pages.Add([.. page.Sessions.Select(session => session.SessionId)]);
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal([3, 3, 2], pages.Select(page => page.Length));
        Assert.Equal(ids.Order(StringComparer.Ordinal), pages.SelectMany(page => page));
    }

    [Fact]
    public async Task ListSessions_LastPageThatIsFull_HasNoNextPage()
    {
        await using var service = await TestService.StartAsync();
        await service.CreateAsync(Requests.Create("a", [1f]));
        await service.CreateAsync(Requests.Create("b", [1f]));

        var page = await ListAsync(service, new ListSessionsRequest { PageSize = 2 });

        Assert.Equal((2, ""), (page.Sessions.Count, page.NextPageToken));
    }

    [Fact]
    public async Task ListSessions_Labels_MustAllMatch()
    {
        await using var service = await TestService.StartAsync();
        await CreateAsync(service, "a", ("team", "vision"), ("stage", "dev"));
        await CreateAsync(service, "b", ("team", "vision"), ("stage", "prod"));
        await CreateAsync(service, "c", ("team", "audio"), ("stage", "dev"));
        await CreateAsync(service, "d");

        var both = await ListAsync(service, new ListSessionsRequest { Labels = { ["team"] = "vision", ["stage"] = "dev" } });
        var team = await ListAsync(service, new ListSessionsRequest { Labels = { ["team"] = "vision" }, PageSize = 1 });
        var rest = await ListAsync(
            service, new ListSessionsRequest { Labels = { ["team"] = "vision" }, PageSize = 1, PageToken = team.NextPageToken });
        var none = await ListAsync(service, new ListSessionsRequest { Labels = { ["team"] = "" } });

        Assert.Equal(["a"], both.Sessions.Select(session => session.SessionId));
        Assert.Equal(["a", "b"], team.Sessions.Concat(rest.Sessions).Select(session => session.SessionId));
        Assert.Equal("", rest.NextPageToken);
        Assert.Empty(none.Sessions);
    }

    [Fact]
    public async Task ListSessions_Entries_HaveNeitherTensorsNorWorkers()
    {
        await using var service = await TestService.StartAsync();
        await service.CreateAsync(Requests.Create("a", [1f]));
        await service.StepAsync(Requests.Step("a", "w", Requests.Begin(1), [1f]));

        var entry = Assert.Single((await ListAsync(service, new ListSessionsRequest())).Sessions);

        var expected = await service.GetAsync("a");
        expected.Tensors.Clear();
        expected.Workers.Clear();
        expected.KerasConfigJson = "";
        entry.LastUsedTime = expected.LastUsedTime;
        Assert.Equal(expected, entry);
    }

    [Theory]
    [InlineData(-1, "", "page_size")]
    [InlineData(1001, "", "page_size")]
    [InlineData(1, "!", "page_token")]
    public async Task ListSessions_BadPage_IsInvalid(int size, string token, string field)
    {
        await using var service = await TestService.StartAsync();

        var refusal = await Refusal.OfAsync(
            StatusCode.InvalidArgument,
            ErrorReason.InvalidField,
            () => ListAsync(service, new ListSessionsRequest { PageSize = size, PageToken = token }));

        Assert.Equal([field], refusal.Fields);
    }

    private static async Task CreateAsync(TestService service, string id, params (string Key, string Value)[] labels)
    {
        var request = Requests.Create(id, [1f]);
        foreach (var (key, value) in labels)
        {
            request.Labels.Add(key, value);
        }

        await service.CreateAsync(request);
    }

    private static async Task<ListSessionsResponse> ListAsync(TestService service, ListSessionsRequest request) =>
        await service.Sessions.ListSessionsAsync(request, TestService.Call());
}
