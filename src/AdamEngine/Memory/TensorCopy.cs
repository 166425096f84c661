using Adam.Engine.Threads;

namespace Adam.Engine;

/// <summary>Copies many arrays at the speed of the memory.</summary>
public static class TensorCopy
{
    // Long enough that handing out pieces costs nothing, short enough that the last one does not keep the others waiting.
    private const long PieceBytes = 1 << 20;

    /// <summary>Copies each array over another one, and returns when all are copied.</summary>
    /// <param name="arrays">What is copied where to. No two destinations overlap.</param>
    /// <param name="threads">The threads that the work is spread over. Null, or busy with a step: the caller does all of it.</param>
    /// <exception cref="ArgumentException">Two arrays differ in type or length. Nothing was copied.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="arrays"/> is null.</exception>
    public static void Run(IReadOnlyList<(TensorView From, TensorView To)> arrays, StepThreads? threads)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        List<(TensorView From, TensorView To)> pieces = [];
        foreach ((TensorView from, TensorView to) in arrays)
        {
            if (from.DType != to.DType || from.ElementCount != to.ElementCount)
            {
                throw new ArgumentException(
                    $"Cannot copy {from.ElementCount} elements of {from.DType} over {to.ElementCount} of {to.DType}.", nameof(arrays));
            }

            long length = PieceBytes / from.DType.ElementBytes();
            for (long start = 0; start < from.ElementCount; start += length)
            {
                long count = Math.Min(length, from.ElementCount - start);
                pieces.Add((from.Slice(start, count), to.Slice(start, count)));
            }
        }

        var job = new Job(pieces);
        if (threads is null)
        {
            for (int item = 0; item < job.ItemCount; item++)
            {
                job.RunItem(item);
            }
        }
        else
        {
            threads.Run(job);
        }
    }

    private sealed class Job : StepJob
    {
        private readonly List<(TensorView From, TensorView To)> _pieces;

        public Job(List<(TensorView From, TensorView To)> pieces) => (_pieces, ItemCount) = (pieces, pieces.Count);

        public override void RunItem(int item) => _pieces[item].From.CopyTo(_pieces[item].To);
    }
}
