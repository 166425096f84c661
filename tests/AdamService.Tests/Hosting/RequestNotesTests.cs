using Adam.Service.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Adam.Service.Tests.Hosting;

/// <summary>ASP.NET Core makes an activity for each request as soon as anybody would read its notes of requests.</summary>
public sealed class RequestNotesTests
{
    private const string Category = "Microsoft.AspNetCore.Hosting.Diagnostics";

    [Fact]
    public async Task Requests_ByDefault_AreNotedByNobody()
    {
        await using var service = await TestService.StartAsync();

        Assert.False(service.Get<ILoggerFactory>().CreateLogger(Category).IsEnabled(LogLevel.Critical));
        Assert.True(service.Get<ILoggerFactory>().CreateLogger("Microsoft.AspNetCore.Server.Kestrel").IsEnabled(LogLevel.Critical));
    }

    [Fact]
    public async Task Requests_LevelForThemConfigured_AreNoted()
    {
        await using var service = await TestService.StartAsync(($"Serilog:MinimumLevel:Override:{Category}", "Warning"));

        Assert.True(service.Get<ILoggerFactory>().CreateLogger(Category).IsEnabled(LogLevel.Critical));
    }
}
