using System.Collections.Immutable;
using System.Globalization;
using Adam.Engine;
using Adam.Service.Errors;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>The digests of batches: computed from what was staged, compared with what the client says.</summary>
internal static class BatchDigests
{
    /// <summary>Refuses a batch whose gradients are not those that its client computed the digest of.</summary>
    /// <param name="expected">The client's digest.</param>
    /// <param name="sequence">The batch, for the message.</param>
    /// <param name="manifest">Its tensors in their order.</param>
    /// <param name="stages">Their elements, complete.</param>
    /// <param name="rows">Their lists of rows, complete.</param>
    /// <exception cref="ServiceException">DIGEST_MISMATCH.</exception>
    public static void ThrowIfOther(
        uint expected,
        ulong sequence,
        ImmutableArray<int> manifest,
        IReadOnlyDictionary<int, TensorStage> stages,
        IReadOnlyDictionary<int, RowStage> rows)
    {
        var received = Compute(manifest, stages, rows);
        if (received != expected)
        {
            throw new ServiceException(
                ErrorReason.DigestMismatch,
                $"commit.digest: the client's digest of batch {sequence} is {Text(expected)}, that of the gradients that came is {Text(received)}. "
                + "Send the batch again; if that does not help, compare how the digest is computed.",
                ("expected", Text(expected)),
                ("received", Text(received)));
        }
    }

    /// <summary>Refuses a batch that carries the number of another one.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="known">The result of the batch that had this number first.</param>
    /// <param name="workerId">The worker, for the message.</param>
    /// <exception cref="ServiceException">BATCH_DIFFERS: both have a digest, and not the same.</exception>
    public static void ThrowIfOtherBatch(StagedBatch batch, BatchResult known, string workerId)
    {
        if (batch.Digest is { } digest && known.Digest is { } first && digest.Crc32C != first.Crc32C)
        {
            throw new ServiceException(
                ErrorReason.BatchDiffers,
                $"Batch {batch.Sequence} of worker '{workerId}' was decided before, with digest {Text(first.Crc32C)}; this one has digest "
                + $"{Text(digest.Crc32C)}, so it is another batch. Number it on from the last one, or give each trainer a worker id of its own.",
                ("expected", Text(first.Crc32C)),
                ("received", Text(digest.Crc32C)));
        }
    }

    private static uint Compute(
        ImmutableArray<int> manifest, IReadOnlyDictionary<int, TensorStage> stages, IReadOnlyDictionary<int, RowStage> rows)
    {
        var digest = new GradientDigest();
        foreach (var tensor in manifest)
        {
            if (rows.TryGetValue(tensor, out var list))
            {
                digest.BeginRows((uint)tensor, list.ListedIds);
                Append(digest, list.ListedValues);
            }
            else
            {
                digest.BeginTensor((uint)tensor, (ulong)stages[tensor].Elements.ElementCount);
                Append(digest, stages[tensor].Elements);
            }
        }

        return digest.Finish();
    }

    /// <summary>The digest of gradients.</summary>
    public static uint Compute(IEnumerable<(int Tensor, TensorView Elements)> gradients)
    {
        var digest = new GradientDigest();
        foreach (var (tensor, elements) in gradients)
        {
            digest.BeginTensor((uint)tensor, (ulong)elements.ElementCount);
            Append(digest, elements);
        }

        return digest.Finish();
    }

    private static unsafe void Append(GradientDigest digest, TensorView elements)
    {
        const int Piece = 3 * GradientDigest.BlockElements;
        Span<float> room = stackalloc float[Piece];
        for (long start = 0; start < elements.ElementCount; start += Piece)
        {
            var count = (int)Math.Min(Piece, elements.ElementCount - start);
            if (elements.DType == TensorDType.Float32)
            {
                digest.Append(elements.Span<float>(start, count));
                continue;
            }

            fixed (float* wide = room)
            {
                GradientConversion.ToFloat32(
                    elements.DType, elements.Bytes(start, count), new TensorView(wide, TensorDType.Float32, count), 0);
            }

            digest.Append(room[..count]);
        }
    }

    private static string Text(uint digest) => string.Create(CultureInfo.InvariantCulture, $"0x{digest:X8}");
}
