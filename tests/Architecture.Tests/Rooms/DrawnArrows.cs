namespace Adam.Architecture.Tests.Rooms;

/// <summary>The arrows that ARCHITECTURE.md draws, in its block <c>arrows</c>: <c>Room -> target, target</c>.</summary>
internal static class DrawnArrows
{
    private const string BlockStart = "```arrows";
    private const string BlockEnd = "```";

    /// <summary>Rooms, each with what it may reference.</summary>
    public static IReadOnlyDictionary<string, IReadOnlySet<string>> Read() =>
        File.ReadLines(Repository.PathOf("ARCHITECTURE.md"))
            .SkipWhile(line => line != BlockStart)
            .Skip(1)
            .TakeWhile(line => line != BlockEnd)
            .Select(line => line.Split("->", StringSplitOptions.TrimEntries))
            .ToDictionary(
                parts => parts[0],
                parts => (IReadOnlySet<string>)parts[1].Split(',', StringSplitOptions.TrimEntries).ToHashSet());
}
