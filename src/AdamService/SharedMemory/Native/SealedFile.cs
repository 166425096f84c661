using Microsoft.Win32.SafeHandles;

namespace Adam.Service.SharedMemory.Native;

/// <summary>Files in memory whose length nobody can change, with all their pages there from the beginning: no access to them can fail.</summary>
internal static class SealedFile
{
    /// <summary>Makes one of zeros.</summary>
    /// <param name="name">What <c>/proc</c> shows of it.</param>
    /// <param name="bytes">Its length; more than 0.</param>
    /// <exception cref="IOException">The system refuses; says why.</exception>
    public static SafeFileHandle Create(string name, long bytes)
    {
        var descriptor = Libc.MemoryFile(name, Libc.CloseOnExec | Libc.AllowSealing);
        if (descriptor < 0)
        {
            throw Libc.Failure("The system makes no file in memory");
        }

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            // Others than the owner get in by a descriptor that they are given, never by a path.
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            while (Libc.Allocate(file, 0, 0, (nint)bytes) != 0)
            {
                if (System.Runtime.InteropServices.Marshal.GetLastPInvokeError() != Libc.Interrupted)
                {
                    throw Libc.Failure($"The system has no {bytes} bytes of memory to share");
                }
            }

            Seal(file, Libc.SealShrinking | Libc.SealGrowing);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Adds seals.</summary>
    /// <exception cref="IOException">The system refuses; says why.</exception>
    public static void Seal(SafeFileHandle file, int seals)
    {
        if (Libc.Control(file, Libc.AddSeals, seals) != 0)
        {
            throw Libc.Failure("The system does not seal a file in memory (Linux 5.1 or later is needed)");
        }
    }

    /// <summary>Another descriptor of the same file, through which nothing can be written.</summary>
    /// <exception cref="IOException">The system refuses; says why.</exception>
    public static SafeFileHandle OpenReadOnly(SafeFileHandle file) =>
        File.OpenHandle(ProcessFiles.PathOf("self", file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Gives the pages of a file back, whoever has it mapped. It reads as zeros afterwards.</summary>
    /// <remarks>A courtesy: where the system refuses, they go when the last mapping does.</remarks>
    public static void Discard(SafeFileHandle file, long bytes) => _ = Libc.Allocate(file, Libc.PunchHole, 0, (nint)bytes);
}
