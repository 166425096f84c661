using Adam.Client.Tests.Support;
using Readme;

namespace Adam.Client.Tests.Documentation;

/// <summary>The example of docs/durability.md is code that was compiled and has run.</summary>
public sealed class DurabilityPageTests(DurableServiceFixture service) : IClassFixture<DurableServiceFixture>
{
    [Fact]
    public async Task Example_KeepsOneStateAndGoesBackToAnother()
    {
        float[] weights = [1, -2, 3];
        var path = Path.GetTempFileName();

        await DurabilityExample.RunAsync(service.Address.ToString(), weights, [0.5f, 0.25f, -1], path);
        File.Delete(path);

        Assert.NotEqual(Bits.Of([1, -2, 3]), Bits.Of(weights));
        Assert.Equal(Bits.Of([1, -2, 3]), Bits.Of((await service.Client.ReadTensorsAsync("my-model"))[0]));
        Assert.Equal(Bits.Of(weights), Bits.Of((await service.Client.ReadTensorsAsync("my-variant"))[0]));
        Assert.Equal(Bits.Of(weights), Bits.Of((await service.Client.ReadTensorsAsync("my-copy"))[0]));
    }

    [Fact]
    public async Task Example_IsTheOneOfThePage()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(DocumentedCode.Root, "docs", "durability.md"));
        var source = await File.ReadAllTextAsync(DocumentedCode.PathOf("DurabilityExample.cs"));

        Assert.Contains(
            string.Join('\n', DocumentedCode.FirstBlock(page)), string.Join('\n', DocumentedCode.Lines(source)), StringComparison.Ordinal);
    }
}
