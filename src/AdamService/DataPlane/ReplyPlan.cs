using System.Collections.Immutable;
using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>What comes back with a batch: checked against the session before the batch is.</summary>
/// <param name="Kind">Which values; never UNSPECIFIED.</param>
/// <param name="Tensors">Which tensors, in the order in which they are sent.</param>
/// <param name="DType">How elements are sent; UNSPECIFIED is each variable's own.</param>
/// <param name="ChangedSince">Only tensors are sent that were written after this version. Null: all.</param>
/// <param name="ChunkBytes">The size of a reply chunk.</param>
internal sealed record ReplyPlan(ReplyKind Kind, ImmutableArray<int> Tensors, DType DType, ulong? ChangedSince, int ChunkBytes)
{
    /// <summary>The smallest chunk that a client may ask for.</summary>
    public const int ChunkBytesMin = 4096;

    private const int ElementBytesMax = 4;

    /// <summary>Whether the reply is made of old and new weights.</summary>
    public bool IsDelta => Kind is ReplyKind.Delta or ReplyKind.DeltaXor;

    /// <summary>How the elements of a variable are sent.</summary>
    public DType DTypeOf(TensorDType own) => TensorWire.SentType(DType, own);

    /// <summary>Whether a tensor whose values were last written in a version is sent.</summary>
    public bool Includes(ulong version) => ChangedSince is not { } since || version > since;

    /// <summary>Bytes of all tensors of the reply together, if all are sent.</summary>
    public UInt128 Bytes(SessionDefinition session) => Kind == ReplyKind.None
        ? 0
        : Tensors.Aggregate(
            UInt128.Zero,
            (sum, index) => sum + (UInt128)session.Tensors[index].ElementCount * (UInt128)TensorWire.ElementBytes(DTypeOf(session.Tensors[index].DType)));

    /// <summary>Reads what a client asked for.</summary>
    /// <param name="asked">The batch's own specification, or null.</param>
    /// <param name="otherwise">What applies where the batch says nothing; null for the contract's default, all weights.</param>
    /// <param name="session">The session.</param>
    /// <param name="chunkBytesMax">The service's largest chunk.</param>
    /// <param name="field">Where <paramref name="asked"/> stands, for messages.</param>
    public static ReplyPlan Read(ReplySpec? asked, ReplyPlan? otherwise, SessionDefinition session, int chunkBytesMax, string field)
    {
        if (asked is null)
        {
            return otherwise ?? new ReplyPlan(ReplyKind.Weights, session.AllIndexes, DType.Unspecified, null, chunkBytesMax);
        }

        if (asked.HasAnchorVersion)
        {
            throw NotImplemented.Field($"{field}.anchor_version", "Leave it out to get deltas against the version before the batch.");
        }

        var kind = KindOf(asked.Kind, otherwise, field);
        var tensors = ReadTensors(kind, asked.Tensors, session, field);
        CheckDType(asked.Dtype, kind, tensors, session, $"{field}.dtype");
        return new ReplyPlan(
            kind,
            tensors,
            asked.Dtype,
            asked.HasChangedSinceVersion ? asked.ChangedSinceVersion : null,
            ReadChunkBytes(asked.ChunkBytes, chunkBytesMax, $"{field}.chunk_bytes"));
    }

    /// <summary>Reads a list of tensors, each at most once.</summary>
    public static ImmutableArray<int> ReadIndexes(TensorIndexes listed, SessionDefinition session, string field)
    {
        var seen = new HashSet<uint>();
        var indexes = ImmutableArray.CreateBuilder<int>(listed.Indexes.Count);
        foreach (var index in listed.Indexes)
        {
            if (!seen.Add(index))
            {
                throw new ServiceException(
                    ErrorReason.InvalidField, $"{field}: tensor {index} is listed twice; list each tensor once.", ("fields", field));
            }

            indexes.Add(session.CheckIndex(index, field));
        }

        return indexes.DrainToImmutable();
    }

    /// <summary>Reads the size of chunks that a client asked for; 0 is the largest.</summary>
    public static int ReadChunkBytes(uint asked, int chunkBytesMax, string field)
    {
        if (asked == 0)
        {
            return chunkBytesMax;
        }

        if (asked < ChunkBytesMin || asked > chunkBytesMax)
        {
            throw new ServiceException(
                ErrorReason.InvalidField,
                $"{field}: expected 0 or {ChunkBytesMin} to {chunkBytesMax} bytes, received {asked}.",
                ("fields", field));
        }

        // Whole elements only.
        return (int)asked / ElementBytesMax * ElementBytesMax;
    }

    private static ReplyKind KindOf(ReplyKind asked, ReplyPlan? otherwise, string field)
    {
        KnownEnum.ThrowIfUnknown(asked, $"{field}.kind");
        return asked == ReplyKind.Unspecified ? otherwise?.Kind ?? ReplyKind.Weights : asked;
    }

    private static void CheckDType(DType dtype, ReplyKind kind, ImmutableArray<int> tensors, SessionDefinition session, string field)
    {
        TensorWire.ThrowIfNotSent(dtype, field);
        if (kind != ReplyKind.DeltaXor)
        {
            return;
        }

        foreach (var index in tensors)
        {
            var tensor = session.Tensors[index];
            var own = TensorWire.ToWire(tensor.DType);
            if (TensorWire.SentType(dtype, tensor.DType) != own)
            {
                throw new ServiceException(
                    ErrorReason.InvalidField,
                    $"{field}: REPLY_KIND_DELTA_XOR carries bit patterns, which cannot be converted: expected {WireName.Of(own)}, the dtype of tensor "
                    + $"'{tensor.Path}', received {WireName.Of(dtype)}. Leave the dtype out, or ask for REPLY_KIND_DELTA.",
                    ("fields", field));
            }
        }
    }

    // Averages are those of the tensors that have one; everything else there is of every tensor.
    private static ImmutableArray<int> ReadTensors(ReplyKind kind, TensorIndexes? listed, SessionDefinition session, string field)
    {
        var tensors = listed is null ? session.AllIndexes : ReadIndexes(listed, session, $"{field}.tensors.indexes");
        if (kind != ReplyKind.Average)
        {
            return tensors;
        }

        var averaged = tensors.Where(tensor => session.Options.HasSlot(session.Tensors[tensor], AdamSlot.Average)).ToImmutableArray();
        return averaged.Length > 0 && (listed is null || averaged.Length == tensors.Length)
            ? averaged
            : throw new ServiceException(
                ErrorReason.InvalidField,
                $"{field}.kind: REPLY_KIND_AVERAGE needs tensors of a group with use_ema; not all that are asked for keep an average. Ask for weights.",
                ("fields", $"{field}.kind"));
    }
}
