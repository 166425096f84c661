using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Adam.Service.SharedMemory.Native;

/// <summary>The paths under which Linux shows the descriptors of a process.</summary>
internal static class ProcessFiles
{
    /// <summary>The path of a descriptor.</summary>
    /// <param name="process">The process: its id, or <c>self</c>.</param>
    /// <param name="file">The descriptor, which is open.</param>
    public static string PathOf(string process, SafeFileHandle file) =>
        string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd/{file.DangerousGetHandle()}");
}
