using Adam.Client;
using Adam.Crash.Tests.Service;
using Adam.Crash.Tests.Workload;
using Xunit.Abstractions;

namespace Adam.Crash.Tests.Kill;

/// <summary>
/// The real service, killed with SIGKILL again and again (and stopped in order now and then) while trainers use the SDK and try nothing themselves: they
/// see no error, and at the end everything is as if nothing had happened. Three kills for each eight of ADAM_CRASH_KILLS (default 40).
/// </summary>
public sealed class SdkKillTests(ITestOutputHelper output)
{
    private static readonly int Kills = Math.Max(2, Switches.Read("ADAM_CRASH_KILLS", 40) * 3 / 8);

    private const int StepsBetweenKillsMax = 200;
    private const int BatchesMin = 40;
    private const int KillsPerStopInOrder = 5;

    [Fact]
    public Task Log_ServiceKilledAgainAndAgain_IsNotNoticedByATrainer() => RunAsync(ServicePlace.Port(), overlap: 1, (Kills + 1) / 2);

    [Fact]
    public Task Log_ServiceKilledWithStepsUnderWay_IsNotNoticedByATrainer() => RunAsync(ServicePlace.Socket(), overlap: 3, Kills / 2);

    private async Task RunAsync(ServicePlace place, int overlap, int kills)
    {
        var seed = Switches.Read("ADAM_CRASH_SEED", Random.Shared.Next());
        output.WriteLine($"ADAM_CRASH_SEED={seed}");
        using var where = place;
        using var data = new DataDirectory();
        try
        {
            var seat = new ServiceSeat();
            var acknowledgements = new Acknowledgements();
            await using var kill = new Killer(data.Path, seat, acknowledgements, new Random(seed), place);
            await kill.StartAsync();
            List<SdkTrainer> trainers = [.. Plans.All(V1.DurabilityTier.Log).Select(plan => new SdkTrainer(plan, overlap, acknowledgements.Add))];
            foreach (var trainer in trainers)
            {
                await new V1.Sessions.SessionsClient(await seat.ChannelAsync()).CreateSessionAsync(trainer.Plan.ToRequest());
            }

            await using var client = AdamClient.ForAddress(place.ClientAddress);
            var isOver = false;
            List<Task> training = [.. trainers.Select(trainer => trainer.RunAsync(client, BatchesMin, () => !Volatile.Read(ref isOver)))];

            // Before it is over a trainer ends with an error only.
            var failure = Task.WhenAny(training).Unwrap();
            for (var count = 1; count <= kills; count++)
            {
                await WaitUntilAllAreBackAsync(trainers, failure);
                await kill.OnceAsync(StepsBetweenKillsMax, failure);
                if (count % KillsPerStopInOrder == 0)
                {
                    await WaitUntilAllAreBackAsync(trainers, failure);
                    await kill.RestartInOrderAsync();
                }
            }

            Volatile.Write(ref isOver, true);
            await Task.WhenAll(training);
            foreach (var trainer in trainers)
            {
                output.WriteLine(
                    $"{trainer.Plan.SessionId}: {trainer.Results.Count} steps, {trainer.Results.Count(static step => step.Result.WasInterrupted)} of them "
                    + $"interrupted, {trainer.Reconnects} times connected again.");
                await CompareAsync(trainer, await seat.ChannelAsync());
            }

            Assert.All(trainers, trainer => Assert.True(trainer.Reconnects >= kills + (kills / KillsPerStopInOrder), $"'{trainer.Plan.SessionId}' connected again {trainer.Reconnects} times."));
            Assert.Contains(trainers, static trainer => trainer.Results.Exists(static step => step.Result.WasInterrupted));
            await kill.StopAsync();
        }
        catch
        {
            data.Keep = true;
            output.WriteLine($"The data directory is {data.Path}.");
            throw;
        }
    }

    private static async Task WaitUntilAllAreBackAsync(IEnumerable<SdkTrainer> trainers, Task failure) =>
        await await Task.WhenAny(Task.WhenAll(trainers.Select(static trainer => trainer.Acknowledgements.WaitForMoreAsync(1))), failure);

    private static async Task CompareAsync(SdkTrainer trainer, Grpc.Net.Client.GrpcChannel channel)
    {
        byte[][] present = [.. trainer.Plan.ToRequest().InitialValues.Select(static tensor => tensor.Data.ToByteArray())];
        var weights = new Dictionary<ulong, string>();
        var (reference, results) = await Uninterrupted.RunAsync(trainer.Plan, trainer.Results.Count, (version, changes) =>
        {
            foreach (var change in changes)
            {
                Put(change, present[change.TensorIndex], (int)trainer.Plan.Tensors[(int)change.TensorIndex].Shape.Skip(1).Aggregate(4L, static (product, dimension) => product * dimension));
            }

            weights[version] = SdkTrainer.Digest(present);
        });
        foreach (var (expected, (actual, received)) in results.Zip(trainer.Results))
        {
            Assert.Equal(expected.Sequence, actual.Sequence);
            Assert.Equal($"{expected.Outcome}", $"{actual.Outcome}");
            Assert.Equal(expected.Version, actual.Version);
            Assert.Equal(
                expected.Groups.Select(static group => (group.Iterations, group.EffectiveIterations)),
                actual.Groups.Select(static group => (group.Iterations, group.EffectiveIterations)));
            Assert.Equal((expected.Metrics.GradientNorm, expected.Metrics.UpdateNorm), (actual.GradientNorm, actual.UpdateNorm));

            if (received is not null)
            {
                // What is read after a break is of a version that the session has had, whichever.
                Assert.True(actual.ReplyVersion >= actual.Version);
                Assert.Equal(weights[actual.ReplyVersion!.Value], received);
            }
        }

        reference.AssertSame(await SessionContent.ReadAsync(channel, trainer.Plan.SessionId));
    }

    // The whole tensor, or the rows that are listed.
    private static void Put(V1.TensorData change, byte[] tensor, int rowBytes)
    {
        if (change.RowIds is not { } rows)
        {
            change.Data.Span.CopyTo(tensor);
            return;
        }

        for (var i = 0; i < rows.Ids.Count; i++)
        {
            change.Data.Span.Slice(i * rowBytes, rowBytes).CopyTo(tensor.AsSpan((int)rows.Ids[i] * rowBytes));
        }
    }
}
