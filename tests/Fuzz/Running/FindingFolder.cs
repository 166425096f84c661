namespace Adam.Fuzz.Running;

/// <summary>Where failing inputs are kept, and how they are reported.</summary>
/// <param name="folder">The folder; made when it is needed.</param>
internal sealed class FindingFolder(string folder)
{
    /// <summary>Writes the input to a file and says how to run it again.</summary>
    public void Report(Finding finding, ulong seed)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{finding.Target}-{seed}-{finding.Index}.seed");
        File.WriteAllBytes(path, finding.Input);
        Console.WriteLine(
            $"fuzz: FAIL {finding.Target}: input {finding.Index} of seed {seed}, {finding.Input.Length} bytes in {path}; again with "
            + $"--target {finding.Target} --seed {seed} --index {finding.Index}, or --target {finding.Target} --file {path}\n{finding.What}");
        Console.Out.Flush();
    }
}
