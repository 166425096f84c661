using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Adam.Client.Tests.Registration;

public sealed class AddAdamClientTests
{
    [Fact]
    public async Task AddAdamClient_GoodOptions_GivesOneClientForAll()
    {
        await using var provider = new ServiceCollection()
            .AddAdamClient(options =>
            {
                options.Address = new Uri("http://127.0.0.1:1");
                options.WorkerId = "trainer-7";
            })
            .BuildServiceProvider();

        var client = provider.GetRequiredService<AdamClient>();

        Assert.Same(client, provider.GetRequiredService<AdamClient>());
        Assert.Equal("trainer-7", client.WorkerId);
    }

    [Fact]
    public async Task AddAdamClient_BadOptions_ReportsAllOfThemWhenResolved()
    {
        await using var provider = new ServiceCollection()
            .AddAdamClient(options =>
            {
                options.Address = new Uri("ftp://somewhere");
                options.WorkerId = "-no";
                options.CallTimeout = TimeSpan.Zero;
                options.MaxReceiveMessageBytes = 1;
            })
            .BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<AdamClient>);

        Assert.Equal(4, exception.Failures.Count());
    }

    [Fact]
    public void Constructor_NoAddress_SaysSo()
    {
        var exception = Assert.Throws<ArgumentException>(() => new AdamClient(new AdamClientOptions()));

        Assert.Contains("Address is required", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WorkerId_NotGiven_IsNobodyElses()
    {
        await using var one = AdamClient.ForAddress("http://127.0.0.1:1");
        await using var other = AdamClient.ForAddress("http://127.0.0.1:1");

        Assert.NotEqual(one.WorkerId, other.WorkerId);
    }
}
