using Adam.Service.Sessions;
using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.Sessions;

/// <summary>What is done with a small session is done by whoever asks for it; the engine's threads are for what takes longer.</summary>
public sealed class SmallSessionTests
{
    // Weights and two slots of four bytes, up to one MiB.
    [Theory]
    [InlineData(1, 80_000, false)]
    [InlineData(1, 100_000, true)]
    [InlineData(256, 1, false)]
    [InlineData(257, 1, true)]
    public async Task RunAsync_SessionOfThisSize_RunsThere(int tensors, int elements, bool onEngineThread)
    {
        await using var service = await TestService.StartAsync();
        await service.CreateAsync(new CreateSessionRequest
        {
            SessionId = "s",
            Tensors = { Enumerable.Range(0, tensors).Select(i => new TensorSpec { Name = $"t{i}", Shape = { elements } }) },
        });

        var name = await service.Get<SessionRegistry>().Find("s")!.RunAsync(_ => Thread.CurrentThread.Name, CancellationToken.None);

        Assert.Equal(onEngineThread, name?.StartsWith("adam-engine-", StringComparison.Ordinal) == true);
    }
}
