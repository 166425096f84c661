using Xunit.Abstractions;

namespace Adam.Service.Tests.Attacks;

/// <summary>Streams that are opened to be reset, by the client (CVE-2023-44487) or by the service (CVE-2025-8671).</summary>
public sealed class ResetTests(ITestOutputHelper output) : AttackTest(output)
{
    [Fact]
    public Task RapidReset_EndsTheConnection() => FloodAsync(Floods.RapidReset);

    [Fact]
    public Task WindowUpdateOfNothing_EndsTheConnection() => FloodAsync(Floods.WindowUpdateOfNothing);

    [Fact]
    public Task DataAfterItsEnd_EndsTheConnection() => FloodAsync(Floods.DataAfterItsEnd);

    [Fact]
    public Task WindowThatOverflows_EndsTheConnection() => FloodAsync(Floods.WindowThatOverflows);

    [Fact]
    public Task StreamsBeyondTheLimit_EndTheConnection() => FloodAsync(Floods.StreamsBeyondTheLimit);
}
