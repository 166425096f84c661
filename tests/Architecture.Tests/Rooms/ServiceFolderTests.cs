using System.Text.RegularExpressions;

namespace Adam.Architecture.Tests.Rooms;

/// <summary>The rows of the table of folders in ARCHITECTURE.md: a folder of <c>src/AdamService</c> uses only rows above its own.</summary>
public sealed partial class ServiceFolderTests
{
    private const string TableHead = "| folders | what they are |";

    public static TheoryData<string> Folders => [.. FoldersOnDisk()];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Usings_OfAFolder_PointUpwards(string folder)
    {
        var rowOf = ReadRows();
        Assert.True(rowOf.ContainsKey(folder), $"The table in ARCHITECTURE.md does not have src/AdamService/{folder}.");

        var wrong =
            from file in Directory.EnumerateFiles(Repository.PathOf($"src/AdamService/{folder}"), "*.cs", SearchOption.AllDirectories)
            from Match mention in Mention().Matches(File.ReadAllText(file))
            let target = mention.Groups[1].Value
            where target != folder && rowOf.TryGetValue(target, out var row) && row >= rowOf[folder]
            select $"{Path.GetFileName(file)} uses {target}";

        Assert.Empty(wrong.Distinct());
    }

    [Fact]
    public void Table_OfFolders_NamesNoOthers()
    {
        Assert.Equal(FoldersOnDisk().Order(), ReadRows().Keys.Order());
    }

    private static IEnumerable<string> FoldersOnDisk() => Directory.EnumerateDirectories(Repository.PathOf("src/AdamService"))
        .Select(path => Path.GetFileName(path)!)
        .Where(name => name is not ("bin" or "obj" or "Properties"));

    private static Dictionary<string, int> ReadRows() => File.ReadLines(Repository.PathOf("ARCHITECTURE.md"))
        .SkipWhile(line => line != TableHead)
        .Skip(2)
        .TakeWhile(line => line.StartsWith('|'))
        .SelectMany((line, row) => Quoted().Matches(line.Split('|')[1]).Select(match => (Folder: match.Groups[1].Value, Row: row)))
        .ToDictionary(pair => pair.Folder, pair => pair.Row);

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex Quoted();

    // Whole namespaces, and the short form that C# allows inside of Adam.Service.
    [GeneratedRegex(@"Adam\.Service\.(\w+)")]
    private static partial Regex Mention();
}
