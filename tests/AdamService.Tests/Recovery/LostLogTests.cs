using Adam.Service.Durability;
using Adam.Service.Recovery;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.Service.Tests.Storage.Files;
using Adam.Service.Tests.Support;
using Adam.Storage.V1;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.Recovery;

/// <summary>Records of the log that are lost, and whose they were is not known: who can have lost something, and who cannot.</summary>
public sealed class LostLogTests : IDisposable
{
    private static readonly (string, string) ErrorsExpected = ("Serilog:MinimumLevel:Override:Adam.Service.Recovery", "Fatal");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Start_WithoutTheLog_IsRefused_AndTheAuditSaysSo()
    {
        await MakeAsync();
        Directory.Delete(_folder["data/log"], recursive: true);

        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => StartAsync());

        Assert.Contains(_folder["data/log"], refused.Message, StringComparison.Ordinal);
        Assert.Contains("segments are missing", refused.Message, StringComparison.Ordinal);
        Assert.Contains(Findings(), finding => finding.Contains("segments are missing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_WithoutTheLogThatASnapshotKnows_SetsThoseAsideThatMayHaveLostSomething()
    {
        // As a crash leaves it, of a time when the directory's record said nothing of the log.
        await MakeAsync(isCrash: true);
        Directory.Delete(_folder["data/log"], recursive: true);
        new NodeFile(FileSystem.Linux, _folder["data"]).Write(new NodeRecord { Format = 1, Starts = 1 });
        Assert.Contains(Findings(), finding => finding.Contains("the log ends before record 1,", StringComparison.Ordinal));

        await using var service = await StartAsync(ErrorsExpected);

        await Refusal.OfAsync(StatusCode.DataLoss, ErrorReason.SessionDamaged, () => service.GetAsync("idle"));
        Assert.Equal(4ul, (await service.GetAsync("busy")).Version);
    }

    [Fact]
    public async Task Audit_LogThatEndsBetweenTwoRecords_NamesTheSegmentAndWhere()
    {
        await MakeAsync(isCrash: true);
        var segment = Directory.GetFiles(_folder["data/log"]).Single();
        long end;
        using (var log = LogReader.Open(FileSystem.Linux, _folder["data/log"]))
        {
            end = log.Records().ElementAt(2).Offset;
        }

        using (var file = File.OpenWrite(segment))
        {
            file.SetLength(end);
        }

        Assert.Contains(Findings(), finding => finding.StartsWith($"{segment} is damaged at {end}, ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DamagedRecord_OfAnUnknownSession_AfterAnOrderlyStop_KeepsNobody()
    {
        await MakeAsync();
        await GarbleAsync();

        await using var service = await StartAsync();

        Assert.Equal((1ul, 4ul), ((await service.GetAsync("idle")).Version, (await service.GetAsync("busy")).Version));
    }

    [Fact]
    public async Task DamagedRecord_OfAnUnknownSession_AfterACrash_KeepsThoseThatEndBeforeIt()
    {
        await MakeAsync(isCrash: true);
        await GarbleAsync();

        await using var service = await StartAsync(ErrorsExpected);

        await Refusal.OfAsync(StatusCode.DataLoss, ErrorReason.SessionDamaged, () => service.GetAsync("idle"));
        Assert.Equal(4ul, (await service.GetAsync("busy")).Version);
    }

    // 'idle' has the first record and none behind it; 'busy' has all others, and a snapshot of the last.
    private async Task MakeAsync(bool isCrash = false)
    {
        var name = isCrash ? "live" : "data";
        await using var service = await TestService.StartAsync(("Durability:Directory", _folder[name]));
        await service.CreateAsync(Requests.Create("idle", Floats.Random(20, 1)));
        await SnapshotAsync(service, "idle", 1);
        await service.CreateAsync(Requests.Create("busy", Floats.Random(20, 2)));
        await SnapshotAsync(service, "busy", 1);
        for (var step = 1ul; step <= 3; step++)
        {
            await service.StepAsync(Requests.Step("busy", "w", Requests.Begin(step, ReplyKind.None), Floats.Random(20, (int)step)));
        }

        service.Get<SnapshotScheduler>().Request(service.Get<SessionRegistry>().Find("busy")!);
        await SnapshotAsync(service, "busy", 4);
        if (isCrash)
        {
            // Nothing happens any more: what is there now is what a kill would leave.
            foreach (var path in Directory.GetFiles(_folder[name], "*", SearchOption.AllDirectories).Where(static path => Path.GetFileName(path) != "lock"))
            {
                var copy = Path.Combine(_folder["data"], Path.GetRelativePath(_folder[name], path));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(path, copy);
            }
        }
    }

    private static async Task SnapshotAsync(TestService service, string id, ulong version)
    {
        var uid = service.Get<SessionRegistry>().Find(id)!.Uid;
        await Eventually.EqualAsync(version, () => service.Get<SnapshotStore>().Find(uid)?.Manifest.Snapshots.FirstOrDefault()?.Version ?? 0);
    }

    // The header of the third record, so that nobody knows whose it was.
    private async Task GarbleAsync()
    {
        LogRecord record;
        using (var log = LogReader.Open(FileSystem.Linux, _folder["data/log"]))
        {
            record = log.Records().ElementAt(2);
        }

        var segment = Directory.GetFiles(_folder["data/log"]).Single();
        var bytes = await File.ReadAllBytesAsync(segment);
        bytes[record.Offset + 9] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes);
    }

    private IReadOnlyList<string> Findings()
    {
        var audit = new DataDirectoryAudit(FileSystem.Linux, _folder["data"]);
        audit.Run();
        return audit.Findings;
    }

    private Task<TestService> StartAsync(params (string, string)[] settings) =>
        TestService.StartAsync([("Durability:Directory", _folder["data"]), .. settings]);
}
