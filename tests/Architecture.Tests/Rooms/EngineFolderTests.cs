using System.Text.RegularExpressions;

namespace Adam.Architecture.Tests.Rooms;

/// <summary>The table of the engine's folders in ARCHITECTURE.md.</summary>
public sealed partial class EngineFolderTests
{
    private const string TableHead = "| folders of the engine | what they are |";

    [Fact]
    public void Table_OfFolders_NamesAllOfThemAndNoOthers()
    {
        var drawn = File.ReadLines(Repository.PathOf("ARCHITECTURE.md"))
            .SkipWhile(line => line != TableHead)
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .SelectMany(line => Quoted().Matches(line.Split('|')[1]).Select(match => match.Groups[1].Value));
        var there = Directory.EnumerateDirectories(Repository.PathOf("src/AdamEngine"))
            .Select(path => Path.GetFileName(path)!)
            .Where(name => name is not ("bin" or "obj"));

        Assert.Equal(there.Order(), drawn.Order());
    }

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex Quoted();
}
