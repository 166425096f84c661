using Adam.Bench.ServiceBench.Peers;
using Adam.Client;

namespace Adam.Bench.ServiceBench.Parts;

/// <summary>How gradients travel: every type on the wire, and a digest.</summary>
internal sealed class Encodings : SocketPart
{
    public override string Name => "encodings";

    protected override string TitleOf(Workload workload) => "Encodings of gradients, over TCP";

    protected override async Task EnterAsync(Participants participants)
    {
        var service = await participants.ServeAsync();
        var trainer = await participants.TrainAsync(service);
        var nothing = Exchange.Nothing;
        participants.Add("float32 in, nothing out", trainer, nothing);
        participants.Add("float32 with a digest in, nothing out", trainer, nothing with { Digest = true });
        participants.Add("bfloat16 in, nothing out", trainer, nothing with { GradientEncoding = GradientEncoding.BFloat16 });
        participants.Add("float16 in, nothing out", trainer, nothing with { GradientEncoding = GradientEncoding.Float16 });
        participants.Add("int8 blocks in, nothing out", trainer, nothing with { GradientEncoding = GradientEncoding.Int8Blocks });
        participants.Add(await Float64Peer.StartAsync(service.Url, trainer.SessionId, participants.Workload));
        participants.Add("float16 in and out", trainer, Exchange.Float16);
        participants.Add("int8 blocks in, bfloat16 out", trainer, Exchange.BFloat16 with { GradientEncoding = GradientEncoding.Int8Blocks });
    }
}
