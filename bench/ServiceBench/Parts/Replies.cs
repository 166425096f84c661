using Adam.Bench.ServiceBench.Peers;
using Adam.Client;

namespace Adam.Bench.ServiceBench.Parts;

/// <summary>What comes back for float32 gradients: every kind of reply, and every type of its elements.</summary>
internal sealed class Replies : SocketPart
{
    public override string Name => "replies";

    protected override string TitleOf(Workload workload) => "Replies, over TCP";

    protected override async Task EnterAsync(Participants participants)
    {
        var service = await participants.ServeAsync();
        var trainer = await participants.TrainAsync(service);
        var averaging = await participants.TrainAsync(service, participants.Session with { Optimizer = new AdamSettings { UseEma = true } });
        var weights = Exchange.Float32;
        participants.Add("float32 in, nothing out", trainer, Exchange.Nothing);
        participants.Add("float32 in, weights out", trainer, weights);
        participants.Add("float32 in, weights out as bfloat16", trainer, weights with { ReplyDType = TensorDType.BFloat16 });
        participants.Add("float32 in, weights out as float16", trainer, weights with { ReplyDType = TensorDType.Float16 });
        participants.Add("float32 in, deltas out", trainer, weights with { Reply = ReplyKind.Delta });
        participants.Add("float32 in, deltas out as bfloat16", trainer, weights with { Reply = ReplyKind.Delta, ReplyDType = TensorDType.BFloat16 });
        participants.Add("float32 in, exact deltas (XOR) out", trainer, weights with { Reply = ReplyKind.DeltaXor });
        participants.Add("float32 in, averages out (use_ema)", averaging, weights with { Reply = ReplyKind.Average });

        // As if what comes first was frozen: many models are trained so.
        var later = LaterHalf(participants.Memory.Gradients);
        var some = $"float32 in for the last {later.Length} of {participants.Memory.Gradients.Count} tensors";
        participants.Add($"{some}, all weights out", trainer, weights, later);
        participants.Add(new ChangedPeer($"{some}, what changed out", trainer, later));
    }

    private static TensorGradient[] LaterHalf(IReadOnlyList<ReadOnlyTensorMemory> gradients) =>
        [.. gradients.Select((values, index) => new TensorGradient(index, values)).Skip(gradients.Count / 2)];
}
