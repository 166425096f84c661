using System.Reflection;
using Adam.Client.Tests.Support;
using Readme;

namespace Adam.Client.Tests.Documentation;

/// <summary>The README's example is code that was compiled and has run.</summary>
[Collection(ServiceGroup.Name)]
public sealed class ReadmeTests(ServiceFixture service)
{
    private static readonly string Root = typeof(ReadmeTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    [Fact]
    public async Task Example_Runs()
    {
        var result = await ReadmeExample.RunAsync(service.Address.ToString());

        Assert.Equal((StepOutcome.Applied, 1L), (result.Outcome, result.Iterations));
    }

    [Fact]
    public async Task Example_IsTheOneOfTheReadme()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Root, "README.md"));
        var source = await File.ReadAllTextAsync(Path.Combine(Root, "tests", "AdamClient.Tests", "Documentation", "ReadmeExample.cs"));
        const string Fence = "```csharp\n";
        var start = readme.IndexOf(Fence, StringComparison.Ordinal) + Fence.Length;

        var shown = Lines(readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)]);
        var compiled = Lines(source.Replace("(address)", "(\"http://127.0.0.1:50051\")", StringComparison.Ordinal));

        Assert.Equal(compiled[0], shown[0]);
        Assert.Contains(string.Join('\n', shown[1..]), string.Join('\n', compiled), StringComparison.Ordinal);
    }

    private static string[] Lines(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
