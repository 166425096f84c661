using Adam.Fuzz.Randomness;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Fuzz.Targets.Chunks;

/// <summary>Draws a batch that is good, cut into chunks in any order, and then spoils it in one place or in none.</summary>
internal static class ChunkScript
{
    private static readonly DType[] Types = [DType.Unspecified, DType.Float32, DType.Float16, DType.Bfloat16, DType.Float64, DType.Int8Blocks];
    private static readonly uint[] Trainable = [0, 1, 2, 3, 6];
    private static readonly int[] Elements = [12, 5, 1, 0, 2, 3, 1100];

    // Of those that come without a type: that of the gradient, else that of the tensor.
    private static readonly int[] ElementBytes = [4, 2, 4, 4, 4, 4, 2];

    /// <summary>Draws a batch.</summary>
    public static List<TrainRequest> Draw(Prng random)
    {
        var manifest = Trainable.Where(_ => !random.OneIn(4)).ToList();
        var isAll = manifest.Count == 0 || random.OneIn(3);
        var begin = new BatchBegin { Sequence = 1 + (ulong)random.Below(3) };
        if (isAll)
        {
            (begin.AllTensors, manifest) = (new AllTensors(), [.. Trainable]);
        }
        else
        {
            begin.ListedTensors = new TensorIndexes { Indexes = { manifest } };
        }

        var chunks = manifest.SelectMany(tensor => Cut(tensor, random)).Select(chunk => (Chunk: chunk, Order: random.Next())).OrderBy(pair => pair.Order)
            .Select(pair => pair.Chunk).ToList();
        if (random.OneIn(2) && chunks.Count > 0)
        {
            Spoil(chunks, random);
        }

        return
        [
            new TrainRequest { Begin = begin },
            .. chunks.Select(chunk => new TrainRequest { Chunk = chunk }),
            new TrainRequest
            {
                Commit = new BatchCommit
                {
                    ClientCursor = ByteString.CopyFrom(random.Bytes(random.Length(20))),
                    Digest = random.OneIn(10) ? new BatchDigest { Crc32C = unchecked((uint)random.Next()) } : null,
                },
            },
        ];
    }

    /// <summary>Makes lists of rows of the gradients of a tensor whose rows have one element, now and then with a row that there is not.</summary>
    public static void ToRows(List<TrainRequest> requests, Prng random)
    {
        var tensor = random.OneIn(2) ? 1u : 6u;
        foreach (var chunk in requests.Select(request => request.Chunk).Where(chunk => chunk?.TensorIndex == tensor && (int)chunk.Dtype < 6))
        {
            var count = chunk.Dtype == DType.Int8Blocks ? Math.Max(0, chunk.Data.Length - 4) : chunk.Data.Length / Bytes(chunk.Dtype, tensor, 1);
            chunk.RowIds = new RowIds
            {
                Ids = { Enumerable.Range(0, count).Select(_ => random.OneIn(5000) ? (long)Interesting.Integer(random) : random.Below(Elements[tensor])) },
            };
        }
    }

    private static IEnumerable<TensorChunk> Cut(uint tensor, Prng random)
    {
        var type = random.Pick(Types);
        for (var start = 0; start < Elements[tensor];)
        {
            if (random.OneIn(6))
            {
                type = random.Pick(Types);
            }

            // A block of int8 is never cut.
            var isWhole = type == DType.Int8Blocks && start == 0;
            var used = type == DType.Int8Blocks && !isWhole ? DType.Float32 : type;
            var length = isWhole ? Elements[tensor] : Math.Min(random.Between(random.OneIn(10) ? 0 : 1, 500), Elements[tensor] - start);
            yield return new TensorChunk
            {
                TensorIndex = tensor,
                Dtype = used,
                Offset = (ulong)start,
                Data = ByteString.CopyFrom(random.Bytes(Bytes(used, tensor, length))),
            };
            start += length;
        }
    }

    private static int Bytes(DType type, uint tensor, int length) => type switch
    {
        DType.Float32 => length * 4,
        DType.Float64 => length * 8,
        DType.Int8Blocks => length + (length > 0 ? 4 : 0),
        DType.Unspecified => length * ElementBytes[tensor],
        _ => length * 2,
    };

    private static void Spoil(List<TensorChunk> chunks, Prng random)
    {
        var at = random.Below(chunks.Count);
        var chunk = chunks[at].Clone();
        switch (random.Below(8))
        {
            case 0:
                chunk.Offset = Interesting.Integer(random);
                break;
            case 1:
                chunk.Offset = unchecked(chunk.Offset + (ulong)random.Between(-2, 2));
                break;
            case 2:
                chunk.Data = ByteString.CopyFrom(random.Bytes(random.OneIn(2) ? random.Length(300) : FuzzedSession.ChunkBytesMax + random.Below(5)));
                break;
            case 3:
                chunk.Dtype = (DType)random.Below(8);
                break;
            case 4:
                chunk.TensorIndex = unchecked((uint)Interesting.Integer(random));
                break;
            case 5:
                chunks.Insert(random.Below(chunks.Count), chunk);
                break;
            case 6:
                chunks.RemoveAt(at);
                return;
            default:
                chunk.Slot = (Slot)random.Below(8);
                break;
        }

        chunks[at] = chunk;
    }
}
