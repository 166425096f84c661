using Adam.Crash.Tests.Service;
using Adam.Crash.Tests.Workload;
using Adam.V1;
using Xunit.Abstractions;

namespace Adam.Crash.Tests.Kill;

/// <summary>
/// The real service, killed with SIGKILL again and again while clients train: at the end everything is as if nothing had happened. ADAM_CRASH_KILLS
/// says how often (default 40), ADAM_CRASH_SEED repeats a run as far as the machine allows.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly int Kills = Switches.Read("ADAM_CRASH_KILLS", 40);

    // Enough steps after each start to be in the middle of something.
    private const int StepsBetweenKillsMax = 60;

    // However often it was interrupted, every kind of state has been through all its kinds of steps.
    private const int BatchesMin = 40;

    [Fact]
    public async Task Log_KilledAgainAndAgain_EndsAsIfNothingHadHappened()
    {
        var trainers = await RunAsync(DurabilityTier.Log, Kills);

        Assert.All(trainers, static trainer => Assert.Equal(0, trainer.Rollbacks));
    }

    [Fact]
    public async Task Snapshot_KilledAgainAndAgain_IsNeverBehindWhatWasDurable()
    {
        var trainers = await RunAsync(DurabilityTier.Snapshot, Math.Max(1, Kills / 4));

        output.WriteLine($"{trainers.Sum(static trainer => trainer.Rollbacks)} times a session came back with less than was acknowledged.");
    }

    private async Task<IReadOnlyList<Trainer>> RunAsync(DurabilityTier tier, int kills)
    {
        var seed = Switches.Read("ADAM_CRASH_SEED", Random.Shared.Next());
        output.WriteLine($"ADAM_CRASH_SEED={seed}");
        using var data = new DataDirectory();
        try
        {
            var seat = new ServiceSeat();
            var acknowledgements = new Acknowledgements();
            List<Trainer> trainers = [.. Plans.All(tier).Select(plan => new Trainer(plan, seat, acknowledgements.Add))];
            await using var kill = new Killer(data.Path, seat, acknowledgements, new Random(seed));
            await kill.StartAsync();
            await Task.WhenAll(trainers.Select(static trainer => trainer.CreateAsync()));

            var isOver = false;
            var training = Task.WhenAll(trainers.Select(trainer => trainer.RunAsync(BatchesMin, () => !Volatile.Read(ref isOver))));
            for (var count = 0; count < kills; count++)
            {
                await kill.OnceAsync(StepsBetweenKillsMax, training);
            }

            Volatile.Write(ref isOver, true);
            await training;
            foreach (var trainer in trainers)
            {
                output.WriteLine($"{trainer.Plan.SessionId}: {trainer.Results.Count} batches.");
                await CompareAsync(trainer, await seat.ChannelAsync());
            }

            // Once more after a stop in order.
            await kill.RestartInOrderAsync();
            foreach (var trainer in trainers)
            {
                await CompareAsync(trainer, await seat.ChannelAsync());
            }

            // And for those who look at the files.
            await kill.StopAsync();
            await CheckAsync("verify", data.Path);
            if (tier == DurabilityTier.Log)
            {
                await CheckAsync("replay", data.Path);
            }

            return trainers;
        }
        catch
        {
            data.Keep = true;
            output.WriteLine($"The data directory is {data.Path}.");
            throw;
        }
    }

    private async Task CheckAsync(string command, string dataDirectory)
    {
        var (exitCode, said) = await MortalService.RunAsync(command, "--data-dir", dataDirectory);
        output.WriteLine(said);
        Assert.Equal(0, exitCode);
    }

    internal static async Task CompareAsync(Trainer trainer, Grpc.Net.Client.GrpcChannel channel)
    {
        var (reference, results) = await Uninterrupted.RunAsync(trainer.Plan, trainer.Results.Count);
        foreach (var (expected, actual) in results.Zip(trainer.Results.Values))
        {
            Assert.Equal(expected.Sequence, actual.Sequence);
            Assert.Equal(expected.Outcome, actual.Outcome == BatchOutcome.Duplicate ? actual.OriginalOutcome : actual.Outcome);
            Assert.Equal(expected.Version, actual.Version);
            Assert.Equal(expected.Groups, actual.Groups);
            Assert.Equal(expected.Metrics, actual.Metrics);
        }

        reference.AssertSame(await SessionContent.ReadAsync(channel, trainer.Plan.SessionId));
    }
}
