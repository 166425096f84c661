using System.Diagnostics;
using System.Globalization;

namespace Adam.Crash.Tests.Faults;

/// <summary>A file system of a few megabytes in memory. It goes with the test; one that a killed process has left goes with the next.</summary>
internal sealed class TinyDisk : IDisposable
{
    private const string Prefix = "adam-tiny-";

    private TinyDisk(string path) => Path = path;

    /// <summary>Why there can be none here; null if there can.</summary>
    public static string? WhyNot { get; } = FindOut();

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>How much room it has left.</summary>
    public long FreeBytes => new DriveInfo(Path).AvailableFreeSpace;

    /// <summary>Makes one.</summary>
    public static TinyDisk Create(long bytes)
    {
        foreach (var orphan in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            if (!Directory.Exists($"/proc/{System.IO.Path.GetFileName(orphan)[Prefix.Length..].Split('-')[0]}"))
            {
                Remove(orphan);
            }
        }

        var disk = new TinyDisk(Directory.CreateDirectory(System.IO.Path.Combine(
            System.IO.Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid():N}"))).FullName);
        AppDomain.CurrentDomain.ProcessExit += disk.OnExit;
        try
        {
            Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={bytes}"), "adam-tiny", disk.Path);
            return disk;
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }

    /// <summary>Takes room, or gives all of it back.</summary>
    /// <param name="left">How many bytes are to be left; null to give back.</param>
    public void Fill(long? left)
    {
        var ballast = System.IO.Path.Combine(Path, "ballast");
        if (left is not { } bytes)
        {
            File.Delete(ballast);
            return;
        }

        // Page by page, because somebody else takes room as well.
        using var file = new FileStream(ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (FreeBytes > bytes)
            {
                file.Write(new byte[Math.Min(Environment.SystemPageSize, FreeBytes - bytes)]);
            }
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    /// <summary>Lets nobody write, or everybody again.</summary>
    public void SetReadOnly(bool isReadOnly) => Run("mount", "-o", isReadOnly ? "remount,ro" : "remount,rw", Path);

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Remove(Path);
    }

    private void OnExit(object? sender, EventArgs e) => Remove(Path);

    private static void Remove(string path)
    {
        if (File.ReadLines("/proc/self/mounts").Any(line => line.Split(' ')[1] == path))
        {
            Run("umount", "-l", path);
        }

        Directory.Delete(path, recursive: true);
    }

    private static string? FindOut()
    {
        if (Environment.UserName != "root")
        {
            return "Only root can mount the file system that this needs.";
        }

        try
        {
            Create(1 << 20).Dispose();
            return null;
        }
        catch (Exception refused) when (refused is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"No file system can be mounted here: {refused.Message}";
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {said.Trim()}");
        }
    }
}
