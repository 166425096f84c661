namespace Adam.Service.Tests.Support;

/// <summary>What a crash leaves: a copy of a data directory that is taken while its service lives.</summary>
internal static class CrashCopy
{
    /// <summary>Takes it. A copy takes its time: one during which nothing but the log has grown is what a moment leaves.</summary>
    /// <param name="from">The data directory.</param>
    /// <param name="to">The copy, which is not there yet or is replaced.</param>
    public static Task TakeAsync(string from, string to) => Eventually.EqualAsync(true, () =>
    {
        var before = Names(from);
        if (Directory.Exists(to))
        {
            Directory.Delete(to, recursive: true);
        }

        try
        {
            foreach (var name in before)
            {
                var path = Path.Combine(to, name.Path);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.Copy(Path.Combine(from, name.Path), path);
            }
        }
        catch (FileNotFoundException)
        {
            return false;
        }

        return before.SequenceEqual(Names(from));
    });

    private static List<(string Path, DateTime Time)> Names(string folder) =>
    [
        .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(path) != "lock")
            .Order(StringComparer.Ordinal)
            .Select(path => (Path.GetRelativePath(folder, path), path.EndsWith(".log", StringComparison.Ordinal) ? default : File.GetLastWriteTimeUtc(path))),
    ];
}
