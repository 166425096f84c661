using Adam.Engine;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.SharedMemory;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>Batches whose gradients lie in shared memory.</summary>
internal static class SharedBatches
{
    /// <summary>
    /// Whether gradients must be copied before anything is decided by their values, or before they are logged: the client can change them at any time.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="commit">What the client said of the batch.</param>
    public static bool MustCopy(SessionDefinition session, BatchCommit? commit) =>
        session.Options.LooksAtGradientsFirst || session.Tier == DurabilityTier.Log || commit?.Digest is not null || !SharedGradientRegion.MayReadInPlace;

    /// <summary>The region of a worker, or a refusal.</summary>
    /// <param name="lease">The worker's stream, or null.</param>
    /// <exception cref="ServiceException">SHARED_MEMORY_NOT_OPEN.</exception>
    public static SharedGradientRegion RegionOf(WorkerLease? lease) => lease?.Gradients ?? throw NotOpen();

    /// <summary>Keeps a region mapped while it is read.</summary>
    /// <exception cref="ServiceException">SHARED_MEMORY_NOT_OPEN: it was given back.</exception>
    public static SharedGradientRegion.Hold Enter(SharedGradientRegion region)
    {
        try
        {
            return region.Enter();
        }
        catch (ObjectDisposedException)
        {
            throw NotOpen();
        }
    }

    /// <summary>Copies a gradient out of a region.</summary>
    /// <exception cref="ServiceException">SHARED_MEMORY_NOT_OPEN: it was given back.</exception>
    public static void Copy(SharedGradientRegion region, int tensor, TensorView destination)
    {
        try
        {
            region.CopyTo(tensor, destination);
        }
        catch (ObjectDisposedException)
        {
            throw NotOpen();
        }
    }

    private static ServiceException NotOpen() => new(
        ErrorReason.SharedMemoryNotOpen,
        "begin.shared_gradients: the worker has no shared memory. Open it with OpenSharedMemory while its Train stream is open, or send the gradients.");
}
