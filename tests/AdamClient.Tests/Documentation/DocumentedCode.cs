using System.Reflection;

namespace Adam.Client.Tests.Documentation;

/// <summary>Examples as pages show them, and as they were compiled.</summary>
internal static class DocumentedCode
{
    private const string Fence = "```csharp\n";

    /// <summary>The top of the repository.</summary>
    public static string Root { get; } = typeof(DocumentedCode).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>Where an example was compiled from.</summary>
    public static string PathOf(string example) => Path.Combine(Root, "tests", "AdamClient.Tests", "Documentation", example);

    /// <summary>The lines of the first block of C# of a page, without indentation and empty ones.</summary>
    public static string[] FirstBlock(string page)
    {
        var start = page.IndexOf(Fence, StringComparison.Ordinal) + Fence.Length;
        return Lines(page[start..page.IndexOf("```", start, StringComparison.Ordinal)]);
    }

    /// <summary>Lines without indentation and empty ones.</summary>
    public static string[] Lines(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
