using Adam.Engine;
using Adam.Fuzz.Mutation;
using Adam.Fuzz.Oracles;
using Adam.Fuzz.Randomness;
using Adam.Service.Codec;
using Adam.Service.Configuration;
using Adam.Service.ControlPlane;
using Adam.Service.DataPlane;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.V1;
using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace Adam.Fuzz.Targets.Chunks;

/// <summary>
/// The messages of a Train stream after its opening. Input: an envelope of them. Batches must be taken or refused as the model says,
/// what is taken must hold the bytes that were sent, what is refused must be a status, and no memory may stay behind.
/// </summary>
internal sealed class TensorChunksTarget : FuzzTarget
{
    private const int MessagesMax = 64;

    private readonly ServiceLimits _limits = new();
    private readonly MemoryBudget _budget;
    private readonly SessionDefinition _session;
    private readonly ReplyPlan _defaultReply;
    private readonly MessageMutator _mutator = new(["", "zstd"]);

    public TensorChunksTarget()
    {
        _budget = new MemoryBudget(_limits);
        using var step = new StepThreads(1);
        using var threads = new Service.Threads.EngineThreads();
        _session = new SessionFactory(
            _limits, Options.Create(new DurabilityOptions()), _budget, threads, step, new StartCount(), new StoppedClock())
            .Define(FuzzedSession.Create());
        _defaultReply = ReplyPlan.Read(null, null, _session, FuzzedSession.ChunkBytesMax, "open.default_reply");
    }

    public override string Name => "tensor-chunks";

    public override IReadOnlyList<string> Outcomes =>
        ["Staged", "Open", "Malformed", nameof(ErrorReason.TensorMismatch), nameof(ErrorReason.TensorIncomplete), nameof(ErrorReason.InvalidField),
            nameof(ErrorReason.NotImplemented), nameof(ErrorReason.DigestMismatch), nameof(ErrorReason.ProtocolViolation), nameof(ErrorReason.LimitExceeded)];

    public override IEnumerable<(string Name, byte[] Input)> MakeSeeds()
    {
        for (var seed = 1; seed <= 6; seed++)
        {
            yield return ($"batch-{seed}", Input(ChunkScript.Draw(new Prng((ulong)seed))));
        }

        yield return ("chunk-too-large", Input(
        [
            new TrainRequest { Begin = new BatchBegin { Sequence = 1, AllTensors = new AllTensors() } },
            new TrainRequest { Chunk = new TensorChunk { Data = ByteString.CopyFrom(new byte[FuzzedSession.ChunkBytesMax + 4]) } },
            new TrainRequest { Commit = new BatchCommit() },
        ]));
        yield return ("reply", Input(
        [
            new TrainRequest
            {
                Begin = new BatchBegin
                {
                    Sequence = 1,
                    ListedTensors = new TensorIndexes { Indexes = { 2 } },
                    Reply = new ReplySpec { Kind = ReplyKind.Average, Tensors = new TensorIndexes { Indexes = { 0, 2 } }, ChunkBytes = 4096 },
                    Overrides = new V1.StepOverrides { LearningRate = 0.1, Groups = { new GroupOverrides { Group = 1, Beta1 = 0.5 } } },
                },
            },
            new TrainRequest { Chunk = new TensorChunk { TensorIndex = 2, Data = ByteString.CopyFrom(1, 2, 3, 4) } },
            new TrainRequest { Commit = new BatchCommit() },
        ]));
    }

    public override byte[] MakeInput(IReadOnlyList<byte[]> seeds, Prng random)
    {
        if (random.OneIn(5))
        {
            return base.MakeInput(seeds, random);
        }

        var requests = ChunkScript.Draw(random);
        if (random.OneIn(3))
        {
            requests.AddRange(ChunkScript.Draw(random));
        }

        if (random.OneIn(3))
        {
            ChunkScript.ToRows(requests, random);
        }

        if (random.OneIn(2))
        {
            _mutator.Mutate(random.Pick(requests), random);
        }

        var input = Input(requests);
        return random.OneIn(8) ? ByteMutator.Mutate(input, random.Pick(seeds), random) : input;
    }

    public override string Run(byte[] input)
    {
        var outcome = "Open";
        using (var staging = new StagingMemory(_budget, TimeProvider.System, TimeSpan.FromHours(1)))
        using (var batch = new IncomingBatch(_session, _defaultReply, FuzzedSession.ChunkBytesMax, _budget, staging))
        {
            var model = new BatchModel(_session);
            foreach (var (_, bytes) in Envelope.Read(input, MessagesMax))
            {
                if (Envelope.Parse(TrainRequest.Parser, bytes) is not { } request)
                {
                    outcome = "Malformed";
                    break;
                }

                var isOver = false;
                (outcome, isOver) = Give(request, batch, model, outcome);
                OracleException.ThrowUnless(batch.IsOpen == model.IsBegun, "Batch and model disagree about whether one is open.");
                if (isOver)
                {
                    break;
                }
            }
        }

        OracleException.ThrowUnless(
            _budget.ReservedBytes == 0 && _budget.IdleBytes == 0, $"{_budget.ReservedBytes} bytes stay reserved, {_budget.IdleBytes} idle.");
        return outcome;
    }

    private static (string Outcome, bool IsOver) Give(TrainRequest request, IncomingBatch batch, BatchModel model, string outcome)
    {
        var mayCome = model.IsBegun || request.MessageCase == TrainRequest.MessageOneofCase.Begin;
        try
        {
            switch (request.MessageCase)
            {
                case TrainRequest.MessageOneofCase.Begin:
                    model.Begin(request.Begin);
                    batch.Begin(request.Begin);
                    return (outcome, false);
                case TrainRequest.MessageOneofCase.Chunk:
                    batch.Add(request.Chunk);
                    OracleException.ThrowUnless(mayCome, "A chunk is taken before its begin.");
                    model.Add(request.Chunk);
                    return (outcome, false);
                case TrainRequest.MessageOneofCase.Commit:
                    var committed = batch.Commit(request.Commit);
                    OracleException.ThrowUnless(mayCome, "A commit is taken before its begin.");
                    return (Check(committed, model, request.Commit), false);
                default:
                    return (outcome, true);
            }
        }
        catch (ServiceException refused) when (!mayCome && refused.Reason == ErrorReason.ProtocolViolation)
        {
            return (nameof(ErrorReason.ProtocolViolation), true);
        }
    }

    private static string Check((ulong Sequence, StagedBatch? Staged, ServiceException? Refusal) committed, BatchModel model, BatchCommit commit)
    {
        using var staged = committed.Staged;
        var isGood = model.Commit(commit);
        if (isGood && commit.Digest is { } digest && digest.Crc32C != model.Digest())
        {
            OracleException.ThrowUnless(committed.Refusal?.Reason == ErrorReason.DigestMismatch, "A wrong digest is taken.");
            return StatusCheck.Of(committed.Refusal!);
        }

        OracleException.ThrowUnless(
            isGood == staged is not null && isGood == committed.Refusal is null, $"The model says {isGood}; the service says {committed.Refusal?.Message ?? "staged"}.");
        if (staged is null)
        {
            return StatusCheck.Of(committed.Refusal!);
        }

        OracleException.ThrowUnless(staged.Gradients.Select(gradient => gradient.Tensor).SequenceEqual(model.Manifest!), "Other tensors than the manifest's.");
        foreach (var (tensor, stage) in staged.Gradients)
        {
            var (dtype, expected) = model.ContentOf(tensor);
            OracleException.ThrowUnless(
                dtype is null ? stage.Elements.ElementCount == 0 : stage.Elements.DType == dtype && AreSame(Numbers(stage), expected),
                $"Tensor {tensor} does not hold what was sent.");
        }

        return "Staged";
    }

    private static float[] Numbers(IStagedGradient stage)
    {
        var bytes = TensorWire.Encode(stage.Elements).Span;
        var dtype = stage.Elements.DType switch { TensorDType.Float32 => DType.Float32, TensorDType.Float16 => DType.Float16, _ => DType.Bfloat16 };
        return WireNumbers.Read(dtype, stage.Elements.DType, bytes)!.Value.Values;
    }

    // Of a NaN only that it is one.
    private static bool AreSame(float[] actual, float[] expected) =>
        actual.Length == expected.Length
        && actual.Zip(expected).All(pair =>
            BitConverter.SingleToUInt32Bits(pair.First) == BitConverter.SingleToUInt32Bits(pair.Second) || (float.IsNaN(pair.First) && float.IsNaN(pair.Second)));

    private static byte[] Input(IEnumerable<TrainRequest> requests) => Envelope.Write(requests.Select(request => ((byte)0, request.ToByteArray())));
}
