using Adam.V1;
using Xunit.Abstractions;

namespace Adam.Crash.Tests.Faults;

/// <summary>The real service, whose fsync and fdatasync fail: it is always noticed, and nothing is acknowledged after it that would have to be on the disk.</summary>
public sealed class SyncErrorTests(ITestOutputHelper output)
{
    // Once alone: what is tried again would succeed, and the pages that were to be written are gone all the same.
    [StraceTheory]
    [InlineData("EIO", "")]
    [InlineData("ENOSPC", "")]
    [InlineData("EDQUOT", "")]
    [InlineData("EIO", "+")]
    public async Task Log_WhoseSyncFails_AcknowledgesNothingUntilTheNextStart(string error, string goesOn)
    {
        await using var run = await FaultRun.StartAsync(output);
        await using (var strace = await Strace.AttachAsync(run.Service.ProcessId, ["fdatasync"], $"fdatasync:error={error}:when=3{goesOn}"))
        {
            await VerifyFailedAsync(run);
            Assert.NotEmpty(strace.Injected);
        }

        await run.KillAndVerifyAsync();
    }

    // The next segment's file, its directory: whichever comes first.
    [StraceTheory]
    [InlineData("EIO", 1)]
    [InlineData("ENOSPC", 2)]
    public async Task Log_WhoseNextSegmentIsNotSynced_AcknowledgesNothingUntilTheNextStart(string error, int when)
    {
        await using var run = await FaultRun.StartAsync(output);
        await using (var strace = await Strace.AttachAsync(run.Service.ProcessId, ["fsync"], $"fsync:error={error}:when={when}"))
        {
            await VerifyFailedAsync(run);
            Assert.Contains(strace.Injected, static call => call.Contains("/log", StringComparison.Ordinal));
        }

        await run.KillAndVerifyAsync();
    }

    [StraceTheory]
    [InlineData("EIO", "")]
    [InlineData("ENOSPC", ":when=2")]
    [InlineData("EDQUOT", ":when=3")]
    [InlineData("EIO", ":when=4")]
    public async Task Snapshot_ThatIsNotSynced_IsNotSaidToBeDurable(string error, string when)
    {
        await using var run = await FaultRun.StartAsync(output);
        var client = run.Snapshotted;
        await using (var strace = await Strace.AttachAsync(run.Service.ProcessId, ["fsync"], $"fsync:error={error}{when}"))
        {
            // One was perhaps under way.
            await client.RunAsync(() => strace.Injected.Count == 0);
            Assert.Null(await client.StepAsync());
            var durable = client.DurableVersion;
            var target = client.Acknowledged + 40;
            await client.RunAsync(() => client.Acknowledged < target);
            Assert.Equal(durable, client.DurableVersion);

            // A checkpoint, which has no manifest, is refused in the same way, and nobody else is.
            Assert.Equal(when == ":when=4" ? "" : "STORAGE_FAILED", await run.SaveAsync(client.Plan.SessionId));
            foreach (var logged in run.Logged)
            {
                Assert.Null(await logged.StepAsync());
            }
        }

        await run.KillAndVerifyAsync();
    }

    private static async Task VerifyFailedAsync(FaultRun run)
    {
        foreach (var client in run.Logged)
        {
            Assert.Equal("STORAGE_FAILED", await FaultRun.UntilRefusedAsync(client));
        }

        // For good; the process stays, and so does what needs no log.
        for (var count = 0; count < 3; count++)
        {
            foreach (var client in run.Logged)
            {
                Assert.Equal("STORAGE_FAILED", await FaultRun.UntilRefusedAtOnceAsync(client));
            }

            Assert.Null(await run.Kept.StepAsync());
            Assert.Null(await run.Snapshotted.StepAsync());
        }

        var session = await new Sessions.SessionsClient(run.Service.Channel).GetSessionAsync(
            new GetSessionRequest { Session = new SessionRef { SessionId = run.Logged[0].Plan.SessionId } });
        Assert.Equal(run.Logged[0].Results[^1].Version, session.Session.Version);
        Assert.Contains("The log has failed", run.Service.Output, StringComparison.Ordinal);
    }
}
