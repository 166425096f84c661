using System.Globalization;
using Adam.Engine;

namespace Adam.Service.SharedMemory;

/// <summary>
/// The region in which one worker puts its gradients. The client may write to it at any time: of its content nothing is believed that was not
/// copied out first.
/// </summary>
internal sealed class SharedGradientRegion : IDisposable
{
    // A read of this size takes the system no time that a stop would have to wait for.
    private const int PieceBytes = 64 << 20;

    private static readonly bool IsMemoryStrict = ReadOvercommit() == 2;

    private readonly Dictionary<int, RegionLayout.Place> _places;

    /// <summary>Wraps a region.</summary>
    /// <param name="region">The region; owned from now on.</param>
    public SharedGradientRegion(SharedRegion region)
    {
        Region = region;
        _places = region.Layout.Places.ToDictionary(place => place.Tensor);
    }

    /// <summary>The region.</summary>
    public SharedRegion Region { get; }

    /// <summary>
    /// Whether the engine may read gradients where they lie. Not where memory is strictly accounted: a page that the client has given back is
    /// made anew when it is read, and if that is refused, the process is ended.
    /// </summary>
    public static bool MayReadInPlace => !IsMemoryStrict;

    /// <summary>Keeps the memory mapped until the answer is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    public Hold Enter()
    {
        var isHeld = false;
        Region.Mapping.DangerousAddRef(ref isHeld);
        return new Hold(this);
    }

    /// <summary>Copies a gradient out. A page that the client has given back reads as zeros.</summary>
    /// <param name="tensor">The tensor, which is trainable.</param>
    /// <param name="destination">Room for its elements.</param>
    /// <exception cref="ObjectDisposedException">The memory was given back.</exception>
    /// <exception cref="IOException">The system refuses; says why.</exception>
    public void CopyTo(int tensor, TensorView destination)
    {
        var place = _places[tensor];
        for (long done = 0; done < place.Bytes;)
        {
            var start = done / place.DType.ElementBytes();
            var count = (int)Math.Min(PieceBytes / place.DType.ElementBytes(), place.ElementCount - start);
            var read = RandomAccess.Read(Region.File, destination.Bytes(start, count), place.Offset + done);
            if (read == 0)
            {
                throw new IOException("Shared memory ended before its length, which is sealed.");
            }

            // Whole elements only, so that the next piece begins with one.
            done += read - (read % place.DType.ElementBytes());
        }
    }

    public void Dispose() => Region.Dispose();

    private static int ReadOvercommit()
    {
        try
        {
            return int.Parse(File.ReadAllText("/proc/sys/vm/overcommit_memory"), CultureInfo.InvariantCulture);
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or FormatException)
        {
            return 2;
        }
    }

    /// <summary>The right to look at the gradients where they lie.</summary>
    internal readonly unsafe struct Hold(SharedGradientRegion owner) : IDisposable
    {
        /// <summary>The gradient of a tensor, which is trainable.</summary>
        public TensorView this[int tensor]
        {
            get
            {
                var place = owner._places[tensor];
                return new TensorView(owner.Region.Mapping.Address + place.Offset, place.DType, place.ElementCount);
            }
        }

        public void Dispose() => owner.Region.Mapping.DangerousRelease();
    }
}
