using System.Diagnostics;
using System.Globalization;

namespace Adam.Crash.Tests.Power;

/// <summary>
/// An ext4 whose disk can be copied in an instant while it is written to: it is a file on an XFS that shares blocks between copies. A copy has what had got
/// to the disk by then, and nothing of what the system still had in its cache: what a power cut leaves.
/// </summary>
internal sealed class ReflinkDisk : IDisposable
{
    private const string Prefix = "adam-power-";
    private const long OuterBytes = 2L << 30;
    private const long InnerBytes = 64L << 20;

    private static readonly string[] Programs = ["mkfs.xfs", "mkfs.ext4", "mount", "umount", "cp"];

    private readonly string _root;
    private int _copies;

    private ReflinkDisk(string root) => _root = root;

    /// <summary>Why there can be none here; null if there can.</summary>
    public static string? WhyNot { get; } = FindOut();

    /// <summary>The mounted ext4.</summary>
    public string Path => System.IO.Path.Combine(_root, "ext4");

    /// <summary>Makes one.</summary>
    public static ReflinkDisk Create()
    {
        RemoveOrphans();
        var disk = new ReflinkDisk(System.IO.Path.Combine(
            System.IO.Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid():N}")));
        AppDomain.CurrentDomain.ProcessExit += disk.OnExit;
        try
        {
            disk.Make();
            return disk;
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }

    /// <summary>Cuts the power, in a manner of speaking.</summary>
    /// <returns>The file that has what was on the disk.</returns>
    public string Cut()
    {
        var copy = System.IO.Path.Combine(Outer, string.Create(CultureInfo.InvariantCulture, $"cut-{_copies++}.img"));
        Run("cp", "--reflink=always", Inner, copy);
        return copy;
    }

    /// <summary>Mounts what was on the disk, which replays the file system's journal, lets somebody look, and throws it away.</summary>
    public static async Task LookAsync(string copy, Func<string, Task> look)
    {
        var place = copy + ".d";
        Directory.CreateDirectory(place);
        Run("mount", "-o", "loop", copy, place);
        try
        {
            await look(place);
        }
        finally
        {
            Run("umount", place);
            Directory.Delete(place);
            File.Delete(copy);
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Remove(_root);
    }

    private string Outer => System.IO.Path.Combine(_root, "xfs");

    private string Inner => System.IO.Path.Combine(Outer, "disk.img");

    private void OnExit(object? sender, EventArgs e) => Remove(_root);

    // Mounts with "-o loop" give their loop devices back when they end.
    private void Make()
    {
        Directory.CreateDirectory(Outer);
        Directory.CreateDirectory(Path);
        Truncate(System.IO.Path.Combine(_root, "xfs.img"), OuterBytes);
        Run("mkfs.xfs", "-q", "-m", "reflink=1", System.IO.Path.Combine(_root, "xfs.img"));
        Run("mount", "-o", "loop", System.IO.Path.Combine(_root, "xfs.img"), Outer);
        Truncate(Inner, InnerBytes);
        Run("mkfs.ext4", "-q", "-F", Inner);
        Run("mount", "-o", "loop", Inner, Path);
    }

    // Those of a process that was killed before it could clean up.
    private static void RemoveOrphans()
    {
        foreach (var root in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            var owner = System.IO.Path.GetFileName(root)[Prefix.Length..].Split('-')[0];
            if (!Directory.Exists($"/proc/{owner}"))
            {
                Remove(root);
            }
        }
    }

    private static void Remove(string root)
    {
        // The innermost first: a mount that holds another's file is busy.
        var mounts = File.ReadLines("/proc/self/mounts").Select(static line => line.Split(' ')[1])
            .Where(place => place.StartsWith(root + "/", StringComparison.Ordinal))
            .OrderByDescending(static place => place.Count(static letter => letter == '/'))
            .ThenBy(static place => place.EndsWith("xfs", StringComparison.Ordinal))
            .ToList();
        foreach (var place in mounts)
        {
            Run("umount", "-l", place);
        }

        if (Directory.Exists(root))
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static void Truncate(string path, long bytes)
    {
        using var file = File.Create(path);
        file.SetLength(bytes);
    }

    private static string? FindOut()
    {
        if (Environment.UserName != "root")
        {
            return "Only root can mount the file systems that this needs.";
        }

        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/sbin").ToList();
        if (Programs.FirstOrDefault(program => !path.Any(folder => File.Exists(System.IO.Path.Combine(folder, program)))) is { } missing)
        {
            return $"There is no {missing} here.";
        }

        if (!File.Exists("/dev/loop-control"))
        {
            return "There are no loop devices here.";
        }

        // A container may have all that and still not be allowed to.
        try
        {
            Create().Dispose();
            return null;
        }
        catch (InvalidOperationException refused)
        {
            return $"No file system can be mounted here: {refused.Message}";
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = process.StandardError.ReadToEnd() + process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {said.Trim()}");
        }
    }
}
