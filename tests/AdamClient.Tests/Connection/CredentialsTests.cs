using Adam.Client.Tests.Support;
using Grpc.Core;

namespace Adam.Client.Tests.Connection;

public sealed class CredentialsTests
{
    [Fact]
    public async Task BearerToken_IsSentWithEveryCall()
    {
        await using var service = await FakeService.StartAsync();
        await using var client = AdamClient.ForAddress(service.Address, new AdamClientOptions { BearerToken = "abc.d-e=", CallAttempts = 1 });

        await Assert.ThrowsAsync<AdamException>(() => client.GetSessionAsync("s"));
        await Assert.ThrowsAsync<AdamException>(() => client.OpenSessionAsync("s"));

        Assert.Equal(["GetSession", "Train"], service.Calls.Select(call => call.Method));
        Assert.All(service.Calls, call => Assert.Equal("Bearer abc.d-e=", call.Header("authorization")));
    }

    [Fact]
    public async Task CallHeaders_AreAskedForEachAttempt()
    {
        await using var service = await FakeService.StartAsync();
        var asked = 0;
        await using var client = AdamClient.ForAddress(service.Address, new AdamClientOptions
        {
            BearerToken = "t",
            CallHeaders = _ => Task.FromResult<IReadOnlyDictionary<string, string>>(
                new Dictionary<string, string> { ["x-token"] = $"{++asked}" }),
        });
        service.Answer = (_, _) => service.Calls.Count == 1
            ? throw FakeService.Fail(StatusCode.Unavailable)
            : new V1.GetSessionResponse { Session = FakeService.Session("s") };

        await client.GetSessionAsync("s");

        Assert.Equal(["1", "2"], service.Calls.Select(call => call.Header("x-token")));
        Assert.All(service.Calls, call => Assert.Equal("Bearer t", call.Header("authorization")));
    }

    [Fact]
    public async Task CallHeaders_Throw_CallFailsAndIsNotSent()
    {
        await using var service = await FakeService.StartAsync();
        await using var client = AdamClient.ForAddress(service.Address, new AdamClientOptions
        {
            CallHeaders = _ => throw new InvalidOperationException("the token server is gone"),
        });

        var exception = await Assert.ThrowsAsync<AdamException>(() => client.GetSessionAsync("s"));

        Assert.Contains("the token server is gone", exception.Message, StringComparison.Ordinal);
        Assert.Empty(service.Calls);
    }

    [Fact]
    public async Task Credentials_None_NothingIsSent()
    {
        await using var service = await FakeService.StartAsync();
        await using var client = AdamClient.ForAddress(service.Address);

        await Assert.ThrowsAsync<AdamException>(() => client.GetSessionAsync("s"));

        Assert.Empty(service.Calls.Single().Header("authorization"));
    }
}
