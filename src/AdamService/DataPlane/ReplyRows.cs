using System.Numerics;
using Adam.Engine;
using Adam.Service.Limits;
using Adam.Service.Sessions;

namespace Adam.Service.DataPlane;

/// <summary>The rows of tensors with lazy rows that a reply carries, gathered in memory of the session.</summary>
internal static class ReplyRows
{
    /// <summary>Memory for values of some rows.</summary>
    /// <param name="memory">Where it comes from. Sizes are rounded up, so that lists of other lengths can use it again.</param>
    /// <param name="dtype">How an element is stored.</param>
    /// <param name="elements">How many there are.</param>
    /// <param name="purpose">What for, as it reads in the message.</param>
    /// <exception cref="Errors.ServiceException">RESOURCE_EXHAUSTED: there is not enough memory.</exception>
    public static StagingTensor Rent(StagingMemory memory, TensorDType dtype, long elements, string purpose) =>
        memory.Rent(dtype, (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(1, elements)), purpose);

    /// <summary>Copies rows of an array one behind the other.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="source">The array.</param>
    /// <param name="rowLength">Elements of a row.</param>
    /// <param name="destination">Room for them: of the same type, or float32.</param>
    public static void Gather(ReadOnlySpan<long> rows, TensorView source, long rowLength, TensorView destination)
    {
        for (var place = 0; place < rows.Length; place++)
        {
            TensorDifference.CopyOld(source.Slice(rows[place] * rowLength, rowLength), destination.Slice(place * rowLength, rowLength));
        }
    }
}
