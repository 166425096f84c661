using System.Collections.Concurrent;
using System.Globalization;
using Adam.Crash.Tests.Faults;
using Adam.Crash.Tests.Recovered;
using Adam.Crash.Tests.Service;
using Adam.Crash.Tests.Workload;
using Adam.Service.Durability;
using Adam.Service.Storage.Files;
using Adam.V1;
using Xunit.Abstractions;

namespace Adam.Crash.Tests.Power;

/// <summary>
/// The real service trains on an ext4 whose disk is copied right after it has acknowledged something: nothing that was acknowledged is missing in any of
/// the copies. ADAM_CRASH_POWER_CUTS says how many (default 100). ADAM_CRASH_SABOTAGE=directories lets every fsync of a directory do nothing, which
/// this test must notice: then it passes if something was lost.
/// </summary>
public sealed class PowerCutTests(ITestOutputHelper output)
{
    private static readonly int Cuts = Switches.Read("ADAM_CRASH_POWER_CUTS", 100);
    private static readonly bool IsSabotaged = Environment.GetEnvironmentVariable("ADAM_CRASH_SABOTAGE") == "directories";

    // So many copies are made before they are looked at, and what is looked at goes.
    private const int Batch = 100;

    private static readonly string[] Settings = ["Durability:LogSegmentBytes=1048576", "Durability:SnapshotAfterLogOfStates=8"];

    private readonly ConcurrentQueue<PowerCut.Saved> _checkpoints = new();
    private int _nextCheckpoint;

    [ReflinkDiskFact]
    public async Task PowerCut_RightAfterAcknowledgements_LosesNothing()
    {
        using var disk = ReflinkDisk.Create();
        var data = Path.Combine(disk.Path, "data");
        var seen = new Dictionary<SessionPlan, List<SessionPicture>>();
        var losses = new List<string>();
        await using (var service = await MortalService.StartAsync(data, Settings))
        {
            List<PlainClient> clients = [.. Plans.All(DurabilityTier.Log).Concat(Plans.All(DurabilityTier.Snapshot).Select(Below)).Select(plan => new PlainClient(plan, service.Channel))];
            foreach (var client in clients)
            {
                await client.CreateAsync();
                Assert.Null(await client.StepAsync());
                await SaveAsync(service, client);
            }

            await using var sabotage = IsSabotaged
                ? await Strace.AttachAsync(service.ProcessId, ["fsync"], "fsync:retval=0", Directory.EnumerateDirectories(data, "*", SearchOption.AllDirectories).Append(data))
                : null;
            for (var done = 0; done < Cuts; done += Batch)
            {
                var cuts = await CutAsync(disk, service, clients, Math.Min(Batch, Cuts - done));
                for (var index = 0; index < cuts.Count; index++)
                {
                    await ReflinkDisk.LookAsync(cuts[index].Copy, place => LookAsync(cuts[index], Path.Combine(place, "data"), done + index, losses));
                    foreach (var told in cuts[index].Sessions.Where(told => cuts[index].Found.ContainsKey(told.Client.Plan.SessionId)))
                    {
                        seen.TryAdd(told.Client.Plan, []);
                        seen[told.Client.Plan].Add(cuts[index].Found[told.Client.Plan.SessionId]);
                    }
                }
            }

            output.WriteLine($"{clients.Sum(static client => client.Acknowledged)} batches and {_checkpoints.Count} checkpoints were acknowledged; {Cuts} copies.");
        }

        foreach (var (plan, pictures) in seen)
        {
            var reference = await Reference.RunAsync(plan, pictures.Select(static picture => picture.Batches));
            foreach (var picture in pictures)
            {
                var difference = picture.DifferenceFrom(reference.After(picture.Batches));
                Assert.True(difference.Length == 0, $"'{plan.SessionId}' came back wrong after {picture.Batches} batches: {difference}");
            }
        }

        losses.ForEach(output.WriteLine);
        Assert.Equal(IsSabotaged, losses.Count > 0);
    }

    // The same session one tier below.
    private static SessionPlan Below(SessionPlan plan) => plan with { SessionId = plan.SessionId + ".below" };

    // Some copies while everything is busy, where one session's fsync brings another's names to the disk; the others when a single one has just been told.
    private async Task<List<PowerCut>> CutAsync(ReflinkDisk disk, MortalService service, List<PlainClient> clients, int count)
    {
        var cuts = new List<PowerCut>();
        var busy = count / 2;
        var goesOn = true;
        var training = Task.WhenAll(clients.Select(client => Task.Run(() => client.RunAsync(() => Volatile.Read(ref goesOn)))));
        while (cuts.Count < busy)
        {
            var before = clients.Sum(static client => client.Acknowledged);
            while (clients.Sum(static client => client.Acknowledged) < before + 20 && !training.IsCompleted)
            {
                await Task.Yield();
            }

            if (cuts.Count % 3 == 0)
            {
                await SaveAsync(service, clients[cuts.Count % clients.Count]);
            }

            cuts.Add(Cut(disk, clients, "busy"));
        }

        Volatile.Write(ref goesOn, false);
        await training;
        while (cuts.Count < count)
        {
            var client = clients[cuts.Count % clients.Count];
            if (cuts.Count % 2 == 0)
            {
                await SaveAsync(service, client);
                cuts.Add(Cut(disk, clients, "checkpoint"));
            }
            else
            {
                // Until it says that something new is durable.
                for (var durable = client.DurableVersion; client.DurableVersion == durable;)
                {
                    Assert.Null(await client.StepAsync());
                }

                cuts.Add(Cut(disk, clients, client.Plan.Tier.ToString()));
            }
        }

        return cuts;
    }

    private PowerCut Cut(ReflinkDisk disk, List<PlainClient> clients, string moment)
    {
        List<PowerCut.Told> told = [.. clients.Select(static client => new PowerCut.Told(client, client.Acknowledged, client.DurableVersion))];
        PowerCut.Saved[] checkpoints = [.. _checkpoints.TakeLast(20)];
        return new PowerCut(disk.Cut(), moment, told, checkpoints);
    }

    // The newest ones stay; an older one goes, as somebody would do who has no disk to spare.
    private async Task SaveAsync(MortalService service, PlainClient client)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"c{_nextCheckpoint++}");
        var session = new SessionRef { SessionId = client.Plan.SessionId };
        var checkpoints = new Checkpoints.CheckpointsClient(service.Channel);
        var saved = await checkpoints.SaveCheckpointAsync(new SaveCheckpointRequest { Session = session, CheckpointId = id }, deadline: PlainClient.Deadline());
        _checkpoints.Enqueue(new PowerCut.Saved(client.Plan.SessionId, id, saved.Checkpoint.Version));
        if (_checkpoints.Count > 40 && _checkpoints.TryDequeue(out var old))
        {
            await checkpoints.DeleteCheckpointAsync(
                new DeleteCheckpointRequest { Session = new SessionRef { SessionId = old.SessionId }, CheckpointId = old.Id }, deadline: PlainClient.Deadline());
        }
    }

    private static async Task LookAsync(PowerCut cut, string data, int number, List<string> losses)
    {
        await using var service = await LocalService.ReadAsync(data);
        foreach (var (client, batches, durable) in cut.Sessions)
        {
            var id = client.Plan.SessionId;
            var picture = await service.PictureAsync(id);
            if (picture is null)
            {
                var why = service.Sessions.FindSetAside(id)?.Finding ?? "nobody says why";
                losses.Add($"Copy {number} ({cut.Moment}): '{id}' is not there: {why}");
                continue;
            }

            cut.Found[id] = picture;
            if (client.Plan.Tier == DurabilityTier.Log ? picture.Batches < batches || picture.Generation != 1 : picture.State.Version < durable || picture.Generation < 2)
            {
                losses.Add(
                    $"Copy {number} ({cut.Moment}): '{id}' has {picture.Batches} batches of {batches}, version {picture.State.Version} where {durable} was durable, "
                    + $"generation {picture.Generation}.");
            }

            var folder = Path.Combine(data, "sessions", Convert.ToHexStringLower(service.Sessions.Find(id)!.Uid.Span), "checkpoints");
            foreach (var saved in cut.Checkpoints.Where(saved => saved.SessionId == id))
            {
                Verify(Path.Combine(folder, saved.Id + ".safetensors"), saved, $"Copy {number} ({cut.Moment})", losses);
            }
        }
    }

    private static void Verify(string path, PowerCut.Saved saved, string where, List<string> losses)
    {
        try
        {
            using var file = FileSystem.Linux.Open(path, FileUse.Read);
            var header = StateFile.ReadHeader(file, null);
            StateFile.Verify(file, header);
            Assert.Equal(saved.Version, header.State.Version);
        }
        catch (IOException lost)
        {
            losses.Add($"{where}: checkpoint '{saved.Id}' of '{saved.SessionId}' is lost: {lost.Message}");
        }
    }
}
