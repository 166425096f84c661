using Adam.Fuzz.Targets;

namespace Adam.Fuzz.Running;

/// <summary>The seeds of a target: the committed files, in the order of their names.</summary>
/// <param name="Target">Whose.</param>
/// <param name="Seeds">Their bytes.</param>
internal sealed record Corpus(string Target, IReadOnlyList<byte[]> Seeds)
{
    private const string Extension = ".seed";

    /// <summary>Reads the seeds of a target.</summary>
    /// <exception cref="IOException">There is no such folder.</exception>
    public static Corpus Load(string folder, FuzzTarget target)
    {
        var files = Directory.GetFiles(Path.Combine(folder, target.Name), $"*{Extension}");
        Array.Sort(files, StringComparer.Ordinal);
        return files.Length > 0
            ? new Corpus(target.Name, [.. files.Select(File.ReadAllBytes)])
            : throw new FileNotFoundException($"{folder}/{target.Name} has no seeds; write them with --write-seeds.");
    }

    /// <summary>Writes the seeds that a target makes of valid messages. Others that are there stay.</summary>
    public static int Write(string folder, FuzzTarget target)
    {
        var directory = Directory.CreateDirectory(Path.Combine(folder, target.Name));
        var count = 0;
        foreach (var (name, input) in target.MakeSeeds())
        {
            File.WriteAllBytes(Path.Combine(directory.FullName, name + Extension), input);
            count++;
        }

        return count;
    }
}
