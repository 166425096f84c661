using System.Globalization;
using Adam.Service.SharedMemory.Native;
using Microsoft.Win32.SafeHandles;

namespace Adam.Service.SharedMemory;

/// <summary>A piece of memory that a client maps, too: its file, and where this process has it.</summary>
internal sealed class SharedRegion : IDisposable
{
    private readonly bool _isClientWritable;
    private readonly IDisposable _reservation;
    private bool _isDisposed;

    private SharedRegion(SafeFileHandle file, Mapping mapping, RegionLayout layout, IDisposable reservation, bool isClientWritable)
    {
        (File, Mapping, Layout, _reservation, _isClientWritable) = (file, mapping, layout, reservation, isClientWritable);
        DescriptorPath = ProcessFiles.PathOf(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), file);
    }

    /// <summary>The descriptor that clients are given.</summary>
    public SafeFileHandle File { get; }

    /// <summary>Where this process has it.</summary>
    public Mapping Mapping { get; }

    /// <summary>What lies where.</summary>
    public RegionLayout Layout { get; }

    /// <summary>The path under which the same user can open it.</summary>
    public string DescriptorPath { get; }

    /// <summary>Makes a region that clients write to.</summary>
    /// <param name="layout">What lies where.</param>
    /// <param name="reservation">Its bytes in the budget; the region's from now on, unless this throws.</param>
    /// <exception cref="IOException">The system refuses; says why.</exception>
    public static SharedRegion WrittenByClient(RegionLayout layout, IDisposable reservation)
    {
        var file = SealedFile.Create("adam-gradients", layout.Bytes);
        Mapping? mapping = null;
        try
        {
            mapping = new Mapping(file, layout.Bytes, writable: false);
            SealedFile.Seal(file, Libc.SealSeals);
            return new SharedRegion(file, mapping, layout, reservation, isClientWritable: true);
        }
        catch
        {
            mapping?.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Makes a region that only this process can write to.</summary>
    /// <param name="layout">What lies where.</param>
    /// <param name="reservation">Its bytes in the budget; the region's from now on, unless this throws.</param>
    /// <exception cref="IOException">The system refuses; says why.</exception>
    public static SharedRegion WrittenByService(RegionLayout layout, IDisposable reservation)
    {
        using var file = SealedFile.Create("adam-weights", layout.Bytes);
        var mapping = new Mapping(file, layout.Bytes, writable: true);
        try
        {
            // Through /proc its owner could open it for writing again; the seal holds for everybody.
            SealedFile.Seal(file, Libc.SealFutureWriting);
            SealedFile.Seal(file, Libc.SealSeals);
            return new SharedRegion(SealedFile.OpenReadOnly(file), mapping, layout, reservation, isClientWritable: false);
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }

    /// <summary>Gives it back. What a client has mapped stays with the client.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        if (_isClientWritable)
        {
            SealedFile.Discard(File, Layout.Bytes);
        }

        Mapping.Dispose();
        File.Dispose();
        _reservation.Dispose();
    }
}
