using Adam.Client.Tests.Support;
using Readme;

namespace Adam.Client.Tests.Documentation;

/// <summary>The README's example is code that was compiled and has run.</summary>
[Collection(ServiceGroup.Name)]
public sealed class ReadmeTests(ServiceFixture service)
{
    [Fact]
    public async Task Example_Runs()
    {
        var result = await ReadmeExample.RunAsync(service.Address.ToString());

        Assert.Equal((StepOutcome.Applied, 1L), (result.Outcome, result.Iterations));
    }

    [Fact]
    public async Task Example_IsTheOneOfTheReadme()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(DocumentedCode.Root, "README.md"));
        var source = await File.ReadAllTextAsync(DocumentedCode.PathOf("ReadmeExample.cs"));

        var shown = DocumentedCode.FirstBlock(readme);
        var compiled = DocumentedCode.Lines(source.Replace("(address)", "(\"http://127.0.0.1:50051\")", StringComparison.Ordinal));

        Assert.Equal(compiled[0], shown[0]);
        Assert.Contains(string.Join('\n', shown[1..]), string.Join('\n', compiled), StringComparison.Ordinal);
    }
}
