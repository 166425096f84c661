using Adam.Bench.ServiceBench.Peers;
using Adam.Bench.ServiceBench.Report;

namespace Adam.Bench.ServiceBench.Parts;

/// <summary>What steps over TCP with float32 both ways leave to the collectors.</summary>
internal sealed class Garbage : IPart
{
    private const int Steps = 5;

    public string Name => "garbage";

    // What a small model's steps leave does not depend on its bytes.
    public bool Suits(Workload workload) => !workload.IsSmall;

    public async Task RunAsync(Yardsticks yardsticks, Rounds rounds, Findings findings)
    {
        await using var participants = new Participants(yardsticks.Workload);
        var service = await participants.ServeAsync();
        var trainer = await participants.TrainAsync(service);
        await StepAsync(trainer);
        var before = (await service.LookAsync()).AllocatedBytes;
        var own = GC.GetTotalAllocatedBytes(precise: true);
        await StepAsync(trainer);
        own = GC.GetTotalAllocatedBytes(precise: true) - own;
        var others = (await service.LookAsync()).AllocatedBytes - before;
        var mebibytes = 2.0 * Steps * yardsticks.Workload.Parameters * sizeof(float) / (1 << 20);
        findings.Tables.Line($"Garbage for each MiB that went over TCP as float32: {others / mebibytes:N0} bytes in the service, {own / mebibytes:N0} in the trainer.");
        findings.Tables.Line($"");
    }

    private static async Task StepAsync(SdkTrainer trainer)
    {
        for (var i = 0; i < Steps; i++)
        {
            await trainer.StepAsync(Exchange.Float32);
        }
    }
}
