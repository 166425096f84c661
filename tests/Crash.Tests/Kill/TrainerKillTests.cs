using Adam.Client;
using Adam.Crash.Tests.Service;
using Adam.Crash.Tests.Workload;
using Xunit.Abstractions;

namespace Adam.Crash.Tests.Kill;

/// <summary>
/// A trainer's process that is killed with SIGKILL again and again, alone, with the service, or only the service: each one that begins asks where the
/// session stands and goes on, and at the end everything is as after one run. Three kills for each eight of ADAM_CRASH_KILLS (default 40).
/// </summary>
public sealed class TrainerKillTests(ITestOutputHelper output)
{
    private static readonly int Kills = Math.Max(3, Switches.Read("ADAM_CRASH_KILLS", 40) * 3 / 8);

    private const int StepsBetweenKillsMax = 60;

    // After the last kill, so that something follows it.
    private const int BatchesAfterwards = 20;

    [Fact]
    public async Task Log_TrainerKilledAgainAndAgain_GoesOnWhereTheSessionStands()
    {
        var seed = Switches.Read("ADAM_CRASH_SEED", Random.Shared.Next());
        output.WriteLine($"ADAM_CRASH_SEED={seed}");
        var random = new Random(seed);
        using var place = ServicePlace.Port();
        using var data = new DataDirectory();
        try
        {
            var seat = new ServiceSeat();
            var steps = new Acknowledgements();
            await using var service = new Killer(data.Path, seat, steps, random, place);
            await service.StartAsync();
            var trainer = new TrainerProcess(place.ClientAddress, int.MaxValue, steps.Add);
            try
            {
                var (trainers, services) = (0, 0);
                for (var count = 0; count < Kills; count++)
                {
                    // The service alone, the trainer alone, or both, one right after the other.
                    var which = random.Next(3);
                    if (which != 0)
                    {
                        await await Task.WhenAny(steps.WaitForMoreAsync(random.Next(1, StepsBetweenKillsMax)), trainer.Ended);
                        Killer.Spin(TimeSpan.FromMilliseconds(random.NextDouble() * 3));
                        await trainer.KillAsync();
                        await trainer.DisposeAsync();
                        trainers++;
                    }

                    if (which == 2)
                    {
                        await service.KillAsync();
                    }

                    if (which != 0)
                    {
                        trainer = new TrainerProcess(place.ClientAddress, int.MaxValue, steps.Add);
                    }

                    if (which == 2)
                    {
                        await service.StartAsync();
                    }

                    if (which == 0)
                    {
                        await service.OnceAsync(StepsBetweenKillsMax, trainer.Ended);
                    }

                    services += which == 1 ? 0 : 1;
                }

                await trainer.KillAsync();
                await trainer.DisposeAsync();
                output.WriteLine($"{trainers + 1} kills of the trainer, {services} of the service.");
                await using var client = RestartingTrainer.Connect(place.ClientAddress);
                var batches = (int)(await client.GetSessionAsync(RestartingTrainer.SessionId)).Iterations + BatchesAfterwards;
                trainer = new TrainerProcess(place.ClientAddress, batches, steps.Add);
                await trainer.WaitAsync();
                output.WriteLine($"{batches} batches.");
                await CompareAsync(batches, await seat.ChannelAsync());
            }
            finally
            {
                await trainer.DisposeAsync();
            }

            await service.StopAsync();
        }
        catch
        {
            data.Keep = true;
            output.WriteLine($"The data directory is {data.Path}.");
            throw;
        }
    }

    private static async Task CompareAsync(int batches, Grpc.Net.Client.GrpcChannel channel)
    {
        using var place = ServicePlace.Port();
        await using var service = await MortalService.StartAsync("", grpcUrl: place.Url);
        await RestartingTrainer.RunAsync(place.ClientAddress, DurabilityTier.Memory, batches, TextWriter.Null);

        (await SessionContent.ReadAsync(service.Channel, RestartingTrainer.SessionId)).AssertSame(await SessionContent.ReadAsync(channel, RestartingTrainer.SessionId));
    }
}
