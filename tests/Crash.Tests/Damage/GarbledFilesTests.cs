using Adam.Crash.Tests.Recovered;
using Adam.Service.Durability;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Safetensors;
using Adam.V1;
using Xunit.Abstractions;

namespace Adam.Crash.Tests.Damage;

/// <summary>
/// Every file of a data directory, cut off and garbled: sessions come back as they were at some step, or are set aside with the place named; never with
/// wrong numbers, and the others always. ADAM_CRASH_CUTS and ADAM_CRASH_FLIPS say how many of each (default 250 and 250 over all files),
/// ADAM_CRASH_SEED which.
/// </summary>
public sealed class GarbledFilesTests(ITestOutputHelper output)
{
    private static readonly int Cuts = Switches.Read("ADAM_CRASH_CUTS", 250);
    private static readonly int Flips = Switches.Read("ADAM_CRASH_FLIPS", 250);

    [Fact]
    public async Task Cut_AnywhereInAnyFile_IsNeverWrongNumbers()
    {
        using var directory = await SmallDirectory.MakeAsync();
        await RunAsync(directory, CutsOf(directory));
    }

    [Fact]
    public async Task Garbled_AnywhereInAnyFile_IsNeverWrongNumbers()
    {
        using var directory = await SmallDirectory.MakeAsync();
        await RunAsync(directory, FlipsOf(directory));
    }

    // Short files at every byte; of longer ones the ends at every byte, and the rest in steps.
    private static IEnumerable<Change> CutsOf(SmallDirectory directory)
    {
        var share = Math.Max(16, Cuts / directory.Files.Count);
        foreach (var (name, bytes) in directory.Files.OrderBy(static file => file.Key, StringComparer.Ordinal))
        {
            var step = Math.Max(1, (bytes.Length + share - 1) / share);
            for (var length = 0; length < bytes.Length; length += step)
            {
                yield return new Change(name, bytes[..length], $"cut at {length} of {bytes.Length}");
            }

            for (var rest = 1; rest < Math.Min(share / 2, bytes.Length) && step > 1; rest++)
            {
                yield return new Change(name, bytes[..^rest], $"cut at {bytes.Length - rest} of {bytes.Length}");
            }
        }
    }

    private IEnumerable<Change> FlipsOf(SmallDirectory directory)
    {
        var seed = Switches.Read("ADAM_CRASH_SEED", Random.Shared.Next());
        output.WriteLine($"ADAM_CRASH_SEED={seed}");
        var random = new Random(seed);
        var share = Math.Max(16, Flips / directory.Files.Count);
        foreach (var (name, bytes) in directory.Files.OrderBy(static file => file.Key, StringComparer.Ordinal))
        {
            for (var count = 0; count < share; count++)
            {
                var offset = random.Next(bytes.Length);
                byte[] changed = [.. bytes];
                changed[offset] ^= (byte)random.Next(1, 256);
                yield return new Change(name, changed, $"byte {offset} of {bytes.Length} is {changed[offset]:x2} instead of {bytes[offset]:x2}");
            }
        }
    }

    private async Task RunAsync(SmallDirectory directory, IEnumerable<Change> changes)
    {
        var (count, setAside, shorter) = (0, 0, 0);
        var byFile = new SortedDictionary<string, (int Changes, int SetAside, int Shorter)>(StringComparer.Ordinal);
        foreach (var change in changes)
        {
            count++;
            var path = MemoryFolder.Create("adam-garbled-");
            try
            {
                directory.WriteTo(path, change.File, change.Content);
                var outcome = await LookAsync(directory, change, path);
                (setAside, shorter) = (setAside + outcome.SetAside, shorter + outcome.Shorter);
                var (changed, aside, less) = byFile.GetValueOrDefault(change.File);
                byFile[change.File] = (changed + 1, aside + outcome.SetAside, less + outcome.Shorter);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"{change.File}, {change.What}: {error.Message}", error);
            }
            finally
            {
                Directory.Delete(path, recursive: true);
            }
        }

        foreach (var (file, sums) in byFile)
        {
            output.WriteLine($"{file} ({directory.Files[file].Length} bytes): {sums}");
        }

        output.WriteLine(
            $"{count} changes to {directory.Files.Count} files: {setAside} times a session was set aside, {shorter} times it came back at an earlier step.");
        Assert.True(setAside > 0 && shorter > 0, "Nothing was ever damaged: this tests nothing.");
    }

    private static async Task<(int SetAside, int Shorter)> LookAsync(SmallDirectory directory, Change change, string path)
    {
        // Whatever file it is, the directory is not refused.
        await using var service = await LocalService.ReadAsync(path);
        var (setAside, shorter) = (0, 0);
        foreach (var session in directory.Sessions)
        {
            var (isSetAside, isShorter) = await LookAsync(service, session, change);
            setAside += isSetAside ? 1 : 0;
            shorter += isShorter ? 1 : 0;
            VerifyCheckpoint(session, change, path);
        }

        return (setAside, shorter);
    }

    private static async Task<(bool SetAside, bool Shorter)> LookAsync(LocalService service, SmallSession session, Change change)
    {
        var (id, all) = (session.Client.Plan.SessionId, session.Client.Acknowledged);
        var tier = session.Client.Plan.Tier;
        var isOwn = change.File.Contains(session.Folder, StringComparison.Ordinal) && !change.File.Contains("checkpoints", StringComparison.Ordinal);
        var isLog = change.File.StartsWith("log", StringComparison.Ordinal) && tier == DurabilityTier.Log;
        if (service.Sessions.FindSetAside(id) is { } damaged)
        {
            Assert.True(isOwn || isLog, $"'{id}' was set aside: {damaged.Finding}");
            Assert.Contains(System.IO.Path.GetFileName(change.File).Split('.')[0].TrimStart('0'), damaged.Finding, StringComparison.Ordinal);
            return (true, false);
        }

        var picture = await service.PictureAsync(id);
        if (picture is null)
        {
            // A log that ends before the session was created, as far as it says.
            Assert.True(isLog && change.What.StartsWith("cut", StringComparison.Ordinal), $"'{id}' is gone, and nobody says so.");
            return (false, true);
        }

        var difference = picture.DifferenceFrom(session.Reference.After(picture.Batches));
        Assert.True(difference.Length == 0, $"'{id}' came back wrong after {picture.Batches} batches: {difference}");
        if (tier == DurabilityTier.Snapshot)
        {
            // What was durable is there, or the snapshot before it and another generation.
            Assert.Equal(2ul, picture.Generation);
            Assert.True(isOwn || picture.State.Version >= session.Client.DurableVersion, $"'{id}' came back at version {picture.State.Version}.");
        }
        else
        {
            Assert.Equal(1ul, picture.Generation);
            Assert.True(isLog || picture.Batches == all, $"'{id}' came back after {picture.Batches} batches of {all}.");
        }

        return (false, picture.State.Version < Math.Max(session.Client.DurableVersion, 1));
    }

    private static void VerifyCheckpoint(SmallSession session, Change change, string path)
    {
        var name = System.IO.Path.Combine("sessions", session.Folder, "checkpoints", "kept.safetensors");
        var file = System.IO.Path.Combine(path, name);
        if (session.Client.Plan.SessionId == "logged")
        {
            return;
        }

        using var content = FileSystem.Linux.Open(file, FileUse.Read);
        if (change.File == name)
        {
            Assert.Throws<SafetensorsException>(() => StateFile.Verify(content, StateFile.ReadHeader(content, null)));
        }
        else
        {
            StateFile.Verify(content, StateFile.ReadHeader(content, null));
        }
    }

    private sealed record Change(string File, byte[] Content, string What);
}
