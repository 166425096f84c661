using System.Runtime.InteropServices;

namespace Adam.Service.Storage.Files;

/// <summary><c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    /// <summary>The first byte.</summary>
    public byte* Base;

    /// <summary>How many bytes.</summary>
    public nuint Length;
}
