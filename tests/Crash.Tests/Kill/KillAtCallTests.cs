using System.Globalization;
using Adam.Crash.Tests.Faults;
using Adam.Crash.Tests.Service;
using Adam.Crash.Tests.Workload;
using Adam.V1;
using Grpc.Core;
using Xunit.Abstractions;

namespace Adam.Crash.Tests.Kill;

/// <summary>
/// The real service, killed right before the n-th call of one of its threads to the disk, for one call and n after the other, while it appends, begins
/// segments, takes snapshots, saves checkpoints, and while it starts. ADAM_CRASH_KILL_CALLS says up to which n (default 2).
/// </summary>
public sealed class KillAtCallTests(ITestOutputHelper output)
{
    private static readonly int Calls = Switches.Read("ADAM_CRASH_KILL_CALLS", 2);

    private const int BatchesMin = 40;

    // A call that does not come is not waited for.
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(2);

    private static readonly string[] Settings = ["Durability:LogSegmentBytes=1048576", "Durability:SnapshotAfterLogOfStates=8"];
    private static readonly string[] WhileItServes = ["pwritev", "fdatasync", "fsync", "rename", "unlink"];
    private static readonly string[] WhileItStarts = ["pwritev", "fsync", "rename", "ftruncate", "unlink"];

    private readonly List<(string Id, ulong Version)> _checkpoints = [];

    [StraceFact]
    public async Task Log_KilledAtCallAfterCall_EndsAsIfNothingHadHappened()
    {
        using var data = new DataDirectory();
        var seat = new ServiceSeat();
        List<Trainer> trainers = [.. Plans.All(DurabilityTier.Log).Select(plan => new Trainer(plan, seat, static () => { }))];
        var service = await MortalService.StartAsync(data.Path, Settings);
        try
        {
            seat.Take(service);
            await Task.WhenAll(trainers.Select(static trainer => trainer.CreateAsync()));
            var isOver = false;
            var training = Task.WhenAll(trainers.Select(trainer => trainer.RunAsync(BatchesMin, () => !Volatile.Read(ref isOver))));
            var saving = SaveAsync(seat, trainers[0].Plan.SessionId, () => Volatile.Read(ref isOver));
            var (killed, reached) = (0, new SortedDictionary<string, int>(StringComparer.Ordinal));
            for (var when = 1; when <= Calls; when++)
            {
                for (var index = 0; index < WhileItServes.Length; index++)
                {
                    if (await KillAsync(service, WhileItServes[index], when, training) is { } place)
                    {
                        killed++;
                        reached[place] = reached.GetValueOrDefault(place) + 1;
                    }

                    seat.Leave();
                    await service.KillAsync();
                    await service.DisposeAsync();
                    service = await StartAsync(data.Path, WhileItStarts[index], when, reached);
                    seat.Take(service);
                }
            }

            Volatile.Write(ref isOver, true);
            await training;
            await saving;
            output.WriteLine($"Killed at {killed} of {Calls * WhileItServes.Length} calls while it served; before {string.Join(", ", reached)}.");
            foreach (var trainer in trainers)
            {
                await KillTests.CompareAsync(trainer, service.Channel);
            }

            await VerifyCheckpointsAsync(service, trainers[0].Plan.SessionId);
        }
        catch (Exception error)
        {
            seat.Fail(error);
            data.Keep = true;
            output.WriteLine($"The data directory is {data.Path}. The service said: {service.Output}");
            throw;
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    // Where it was killed; null if the call did not come.
    private static async Task<string?> KillAsync(MortalService service, string call, int when, Task training)
    {
        await using var strace = await Strace.AttachAsync(service.ProcessId, [call], string.Create(CultureInfo.InvariantCulture, $"{call}:signal=KILL:when={when}"));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var ticks = 0; !service.HasExited; ticks++)
        {
            if (training.IsFaulted)
            {
                await training;
            }

            if (ticks * timer.Period > CallMax || !await timer.WaitForNextTickAsync())
            {
                return null;
            }
        }

        return PlaceOf(strace.Calls.Where(line => line.Contains(call + "(", StringComparison.Ordinal)).LastOrDefault() ?? call);
    }

    private static async Task<MortalService> StartAsync(string path, string call, int when, SortedDictionary<string, int> reached)
    {
        var file = Path.Combine(Path.GetTempPath(), $"adam-strace-{Guid.NewGuid():N}");
        var injection = string.Create(CultureInfo.InvariantCulture, $"{call}:signal=KILL:when={when}");
        try
        {
            // It may get through: then it goes on as it is, and is let go of when it is killed.
            await using var first = MortalService.Launch(path, Settings, Strace.Wrapper(file, [call], injection));
            await first.WaitUntilReadyAsync();
        }
        catch (InvalidOperationException)
        {
            var place = "start: " + PlaceOf(File.Exists(file) ? File.ReadLines(file).LastOrDefault(line => line.Contains(call + "(", StringComparison.Ordinal)) ?? call : call);
            reached[place] = reached.GetValueOrDefault(place) + 1;
        }
        finally
        {
            File.Delete(file);
        }

        return await MortalService.StartAsync(path, Settings);
    }

    // The call and what kind of file it was for.
    private static string PlaceOf(string line)
    {
        string[] kinds = ["manifest", "checkpoints", "snapshot-", "/log", "/node", "/lock", "/sessions"];
        var call = line.Split('(')[0].Split(' ')[^1];
        return $"{call} of {kinds.FirstOrDefault(kind => line.Contains(kind, StringComparison.Ordinal)) ?? "something else"}";
    }

    private async Task SaveAsync(ServiceSeat seat, string sessionId, Func<bool> isOver)
    {
        for (var number = 0; !isOver(); number++)
        {
            var channel = await seat.ChannelAsync();
            var id = string.Create(CultureInfo.InvariantCulture, $"c{number}");
            var session = new SessionRef { SessionId = sessionId };
            try
            {
                var checkpoints = new Checkpoints.CheckpointsClient(channel);
                var saved = await checkpoints.SaveCheckpointAsync(
                    new SaveCheckpointRequest { Session = session, CheckpointId = id }, deadline: PlainClient.Deadline());
                _checkpoints.Add((id, saved.Checkpoint.Version));
                if (_checkpoints.Count > 20)
                {
                    // Whether it is gone is not known before it is said.
                    var old = _checkpoints[0];
                    _checkpoints.RemoveAt(0);
                    await checkpoints.DeleteCheckpointAsync(
                        new DeleteCheckpointRequest { Session = session, CheckpointId = old.Id }, deadline: PlainClient.Deadline());
                }
            }
            catch (RpcException killed) when (killed.StatusCode is not (StatusCode.DataLoss or StatusCode.InvalidArgument or StatusCode.NotFound))
            {
                await Task.Yield();
            }
        }
    }

    private async Task VerifyCheckpointsAsync(MortalService service, string sessionId)
    {
        var client = new Checkpoints.CheckpointsClient(service.Channel);
        var session = new SessionRef { SessionId = sessionId };
        var listed = await client.ListCheckpointsAsync(new ListCheckpointsRequest { Session = session, PageSize = 1000 });
        foreach (var (id, version) in _checkpoints)
        {
            var verified = await client.VerifyCheckpointAsync(new VerifyCheckpointRequest { Session = session, CheckpointId = id });
            Assert.True(verified.Intact, verified.Finding);
            Assert.Equal(version, listed.Checkpoints.Single(checkpoint => checkpoint.CheckpointId == id).Version);
        }
    }
}
