using Adam.Fuzz.Mutation;
using Adam.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Adam.Fuzz.Targets.Requests;

/// <summary>Valid calls, each of them an input.</summary>
internal static class RequestSeeds
{
    private static readonly SessionRef Ref = new() { SessionId = FuzzedSession.Id };

    /// <summary>Makes them.</summary>
    public static IEnumerable<(string Name, byte[] Input)> Make()
    {
        yield return Seed("create-again", (Rpcs.CreateSession, FuzzedSession.Create()));
        yield return Seed("create-typed", (Rpcs.CreateSession, Typed()));
        foreach (var (index, json) in RequestWords.All.Where(word => word.StartsWith('{')).Index())
        {
            var request = new CreateSessionRequest { SessionId = "keras", Optimizer = new OptimizerConfig { KerasConfigJson = json }, Tensors = { new TensorSpec { Name = "a" } } };
            yield return Seed($"create-keras-{index}", (Rpcs.CreateSession, request), (Rpcs.GetSession, new GetSessionRequest { Session = new SessionRef { SessionId = "keras" } }));
        }

        var large = Typed();
        large.Tensors[0].Shape[0] = 1 << 20;
        yield return Seed("create-large", (Rpcs.CreateSession, large));
        var patterns = Typed();
        patterns.Optimizer.Groups[0].ExcludeFromWeightDecay.Add([
            string.Concat(Enumerable.Range(0x100, 250).Select(character => (char)character)), "^(?:a|(b)*)+[^\\w-]{2,7}?$", "(?P<n>[a-z]\\b)",
        ]);
        yield return Seed("create-patterns", (Rpcs.CreateSession, patterns));
        var invalid = Typed();
        invalid.Optimizer.Groups[0].Beta1 = 2;
        yield return Seed("create-invalid", (Rpcs.CreateSession, invalid));
        yield return Seed("list", (Rpcs.ListSessions, new ListSessionsRequest { PageSize = 1, Labels = { { "env", "test" } }, PageToken = "ZnV6eg==" }));
        yield return Seed("update", (Rpcs.UpdateSession, new UpdateSessionRequest
        {
            Session = Ref,
            Update = new SessionUpdate { Labels = { { "env", "test" } }, LearningRate = new LearningRate { Value = 0.5 }, Group = 1 },
            UpdateMask = new FieldMask { Paths = { "labels", "learning_rate" } },
        }));
        yield return Seed("delete", (Rpcs.DeleteSession, new DeleteSessionRequest { Session = Ref }), (Rpcs.FinalizeSession, new FinalizeSessionRequest { Session = Ref }));
        yield return Seed("finalize", (Rpcs.FinalizeSession, new FinalizeSessionRequest { Session = Ref }));
        yield return Seed(
            "step", (Rpcs.Step, Step(1)), (Rpcs.Step, Step(1)), (Rpcs.GetBatchResult, new GetBatchResultRequest { Session = Ref, WorkerId = FuzzedSession.Worker, Sequence = 1 }));
        yield return Seed("step-gap", (Rpcs.Step, Step(3)));
        var empty = Step(1);
        empty.Gradients.Clear();
        yield return Seed("step-incomplete", (Rpcs.Step, empty));
        var other = Step(1);
        other.Gradients[0].Data = ByteString.CopyFrom(1, 2);
        yield return Seed("step-mismatch", (Rpcs.Step, other));
        yield return Seed("read", (Rpcs.ReadTensors, new ReadTensorsRequest
        {
            Session = Ref,
            Slots = { Slot.Weights, Slot.FirstMoment },
            Tensors = new TensorIndexes { Indexes = { 0, 2 } },
            IfNewerThan = 0,
        }));
        yield return Seed(
            "write",
            (Rpcs.WriteTensors, new WriteTensorsRequest { Begin = new WriteBegin { Session = Ref, IfVersion = 1 } }),
            (Rpcs.WriteTensors, new WriteTensorsRequest { Chunk = new TensorChunk { TensorIndex = 2, Slot = Slot.SecondMoment, Data = ByteString.CopyFrom(1, 2, 3, 4) } }),
            (Rpcs.WriteTensors, new WriteTensorsRequest { Commit = new WriteCommit { Iterations = 5, GroupIterations = { { 1, 7 } } } }));
        yield return Seed(
            "train",
            (Rpcs.Train, new TrainRequest { Open = new TrainOpen { Session = Ref, WorkerId = FuzzedSession.Worker, Takeover = true } }),
            (Rpcs.Train, new TrainRequest { Begin = Begin(1) }),
            (Rpcs.Train, new TrainRequest { Chunk = new TensorChunk { TensorIndex = 2, Data = ByteString.CopyFrom(0, 0, 128, 63) } }),
            (Rpcs.Train, new TrainRequest { Commit = new BatchCommit { ClientCursor = ByteString.CopyFrom(1) } }),
            (Rpcs.Train, new TrainRequest { Begin = Begin(2) }),
            (Rpcs.Train, new TrainRequest { Commit = new BatchCommit() }));
    }

    private static BatchBegin Begin(ulong sequence) => new()
    {
        Sequence = sequence,
        ListedTensors = new TensorIndexes { Indexes = { 2 } },
        BaseVersion = 1,
        Reply = new ReplySpec { Kind = ReplyKind.DeltaXor },
        Overrides = new V1.StepOverrides { LearningRate = 0.25, Groups = { new GroupOverrides { Group = 0, Beta2 = 0.5 } } },
    };

    private static StepRequest Step(ulong sequence) => new()
    {
        Session = Ref,
        WorkerId = FuzzedSession.Worker,
        Begin = Begin(sequence),
        Gradients = { new TensorData { TensorIndex = 2, Data = ByteString.CopyFrom(0, 0, 128, 63) } },
    };

    private static CreateSessionRequest Typed() => new()
    {
        SessionId = "typed",
        Labels = { { "env", "test" } },
        Durability = new Durability { Tier = DurabilityTier.Memory },
        Optimizer = new OptimizerConfig
        {
            Groups =
            {
                new AdamConfig
                {
                    LearningRate = new LearningRate { Schedule = new LearningRateSchedule { CosineDecay = new CosineDecay { InitialLearningRate = 0.1, DecaySteps = 100 } } },
                    Clipnorm = 1,
                    UseEma = true,
                    EmaOverwriteFrequency = 3,
                    ExcludeFromWeightDecay = { "bias" },
                    WeightDecay = 0.1,
                },
                new AdamConfig { LearningRate = new LearningRate { Supplied = new SuppliedLearningRate() } },
            },
            GradientAccumulationSteps = 2,
            LossScale = new LossScale { Dynamic = new DynamicLossScale { InitialScale = 1024, DynamicGrowthSteps = 5 } },
            NonFinitePolicy = NonFinitePolicy.Skip,
        },
        Tensors =
        {
            new TensorSpec { Name = "a/kernel", Shape = { 2, 2 }, Aliases = { "tied" }, Constraint = new Constraint { MaxNorm = new MaxNormConstraint { MaxValue = 2, Axis = -1 } } },
            new TensorSpec { Name = "a/bias", Shape = { 2 }, Dtype = DType.Float16, Group = 1 },
        },
        InitialValues = { new TensorData { TensorIndex = 1, Data = ByteString.CopyFrom(1, 2, 3, 4) } },
    };

    private static (string Name, byte[] Input) Seed(string name, params IReadOnlyList<(byte Kind, IMessage Message)> calls) =>
        (name, Envelope.Write(calls.Select(call => (call.Kind, call.Message.ToByteArray()))));
}
