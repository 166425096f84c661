using System.Diagnostics;
using Adam.Crash.Tests.Service;
using Adam.Crash.Tests.Workload;
using Adam.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Xunit.Abstractions;

namespace Adam.Crash.Tests.Faults;

/// <summary>The real service on a disk that is full, and on one that may not be written to.</summary>
public sealed class FullDiskTests(ITestOutputHelper output)
{
    private const long DiskBytes = 32 << 20;

    // Of writes that are cut off, every length comes to pass: the disk is filled again and again, each time with a little more or less room.
    private const int Rounds = 8;

    // A disk that is full is looked at again after 30 seconds.
    private static readonly TimeSpan SnapshotMax = TimeSpan.FromSeconds(60);

    [TinyDiskFact]
    public async Task FullDisk_RefusesWhatItCannotKeep_AndGoesOnWhenThereIsRoom()
    {
        using var disk = TinyDisk.Create(DiskBytes);
        var data = Path.Combine(disk.Path, "data");
        await using var run = await FaultRun.StartAsync(data, output);
        for (var round = 0; round < Rounds; round++)
        {
            disk.Fill(16384 + (round * 5003));
            foreach (var client in run.Logged)
            {
                Assert.Equal("STORAGE_FULL", await FaultRun.UntilRefusedAsync(client));
                var start = Stopwatch.GetTimestamp();
                var refused = await client.StepAsync();
                if (refused is not null)
                {
                    Assert.Equal((StatusCode.ResourceExhausted, "STORAGE_FULL"), (refused.StatusCode, PlainClient.ReasonOf(refused)));
                    output.WriteLine($"Round {round}: '{client.Plan.SessionId}' was refused within {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F1} ms.");
                }
            }

            // Training below does not depend on the disk.
            Assert.Null(await run.Snapshotted.StepAsync());
            Assert.Null(await run.Kept.StepAsync());
            disk.Fill(null);
            foreach (var client in run.Logged)
            {
                var target = client.Acknowledged + 5;
                await client.RunAsync(() => client.Acknowledged < target);
            }
        }

        await run.KillAndVerifyAsync();
    }

    [TinyDiskFact]
    public async Task FullDisk_PutsSnapshotsOff_AndTheyComeLater()
    {
        using var disk = TinyDisk.Create(DiskBytes);
        await using var run = await FaultRun.StartAsync(Path.Combine(disk.Path, "data"), output);
        var client = run.Snapshotted;
        disk.Fill(0);
        var target = client.Acknowledged + 30;
        await client.RunAsync(() => client.Acknowledged < target);
        var durable = client.DurableVersion;
        Assert.Equal("STORAGE_FULL", await run.SaveAsync(client.Plan.SessionId));

        disk.Fill(null);
        var start = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while (client.DurableVersion == durable)
        {
            Assert.Null(await client.StepAsync());
            Assert.True(Stopwatch.GetElapsedTime(start) < SnapshotMax, "There was room, and no snapshot came.");
            await timer.WaitForNextTickAsync();
        }

        output.WriteLine($"The snapshot came {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s after there was room.");
        Assert.Equal("", await run.SaveAsync(client.Plan.SessionId));
        await run.KillAndVerifyAsync();
    }

    [TinyDiskFact]
    public async Task FullDisk_LetsSessionsGo_EvenIfNotAByteIsLeft()
    {
        using var disk = TinyDisk.Create(DiskBytes);
        var data = Path.Combine(disk.Path, "data");
        await using var run = await FaultRun.StartAsync(data, output);
        var doomed = new PlainClient(run.Logged[0].Plan with { SessionId = "doomed" }, run.Service.Channel);
        await doomed.CreateAsync();
        await doomed.RunAsync(() => doomed.Acknowledged < 3);
        disk.Fill(0);
        await FaultRun.UntilRefusedAsync(doomed);

        // Not even the rest of the last page is free: what the service keeps for this is.
        var sessions = new Sessions.SessionsClient(run.Service.Channel);
        await FillPageAsync(sessions);
        Assert.True(File.Exists(Path.Combine(data, "reserve")));
        var deletion = new DeleteSessionRequest { Session = new SessionRef { SessionId = "doomed" } };
        await sessions.DeleteSessionAsync(deletion, deadline: PlainClient.Deadline());

        disk.Fill(null);
        await run.KillAndVerifyAsync();
        await using var next = await MortalService.StartAsync(data);
        var listed = await new Sessions.SessionsClient(next.Channel).ListSessionsAsync(new ListSessionsRequest());
        Assert.DoesNotContain(listed.Sessions, static session => session.SessionId == "doomed");
    }

    private static async Task FillPageAsync(Sessions.SessionsClient sessions)
    {
        try
        {
            for (var count = 0; count < 1000; count++)
            {
                await sessions.UpdateSessionAsync(
                    new UpdateSessionRequest
                    {
                        Session = new SessionRef { SessionId = "doomed" },
                        Update = new SessionUpdate { Labels = { ["k"] = "v" } },
                        UpdateMask = new FieldMask { Paths = { "labels" } },
                    },
                    deadline: PlainClient.Deadline());
            }

            throw new InvalidOperationException("The disk was never full.");
        }
        catch (RpcException refused) when (PlainClient.ReasonOf(refused) == "STORAGE_FULL")
        {
        }
    }

    [TinyDiskFact]
    public async Task ReadOnlyDisk_RefusesUntilItMayBeWrittenTo()
    {
        using var disk = TinyDisk.Create(DiskBytes);
        var data = Path.Combine(disk.Path, "data");
        await using (var first = await MortalService.StartAsync(data))
        {
            Assert.Equal(0, await first.StopAsync());
        }

        disk.SetReadOnly(true);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(async () => await (await MortalService.StartAsync(data)).DisposeAsync());
        output.WriteLine(refused.Message);
        Assert.Contains("ended with 1", refused.Message, StringComparison.Ordinal);
        Assert.Contains("could not start", refused.Message, StringComparison.Ordinal);
        Assert.Contains(data, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", refused.Message, StringComparison.Ordinal);

        disk.SetReadOnly(false);
        await using var next = await MortalService.StartAsync(data);
    }
}
