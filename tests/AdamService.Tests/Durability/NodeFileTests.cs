using Adam.Service.Configuration;
using Adam.Service.Durability;
using Adam.Service.Recovery;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Tests.Storage.Files;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.Durability;

/// <summary>The count of starts, on which the epochs of workers stand: kept twice.</summary>
public sealed class NodeFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("node", false)]
    [InlineData("node", true)]
    [InlineData("node.copy", false)]
    [InlineData("node.copy", true)]
    public void Open_OneIsDamagedOrLost_GoesOnFromTheOther(string name, bool isLost)
    {
        Start();
        Start();
        var damaged = File.ReadAllBytes(_folder[name]);
        damaged[0] ^= 1;
        if (isLost)
        {
            File.Delete(_folder[name]);
        }
        else
        {
            File.WriteAllBytes(_folder[name], damaged);
        }

        var (starts, faults) = Start();

        Assert.Equal(3ul, starts);
        Assert.Equal(isLost ? 0 : 1, faults.Count);
        Assert.All(faults, fault => Assert.Contains(_folder[name], fault, StringComparison.Ordinal));

        // Both are there again.
        Assert.Equal((4ul, 0), (Start().Starts, Start().Faults.Count));
        Assert.All(NodeFile.Names, copy => Assert.Equal(5ul, RecordFile.Read(FileSystem.Linux, _folder[copy], Adam.Storage.V1.NodeRecord.Parser).Starts));
    }

    // The second is written after the first, and no epoch is given out before both are there.
    [Fact]
    public void Open_OneIsOlder_GoesOnFromTheNewer()
    {
        Start();
        var older = File.ReadAllBytes(_folder["node.copy"]);
        Start();
        File.WriteAllBytes(_folder["node.copy"], older);

        Assert.Equal(3ul, Start().Starts);
    }

    [Fact]
    public void Open_BothAreDamaged_SaysWhatToDo_AndSoDoesTheAudit()
    {
        Start();
        foreach (var name in NodeFile.Names)
        {
            File.WriteAllBytes(_folder[name], [1, 2, 3, 4, 5, 6]);
        }

        var refused = Assert.Throws<InvalidDataException>(() => Start());

        Assert.Contains(_folder["node"], refused.Message, StringComparison.Ordinal);
        Assert.Contains("checkpoint import", refused.Message, StringComparison.Ordinal);
        var audit = new DataDirectoryAudit(FileSystem.Linux, _folder.Path);
        audit.Run();
        Assert.Equal(2, audit.Findings.Count);
    }

    [Fact]
    public void Open_BothAreLostBesideSessions_IsRefused()
    {
        Start();
        Directory.CreateDirectory(_folder["sessions/00112233445566778899aabbccddeeff"]);
        foreach (var name in NodeFile.Names)
        {
            File.Delete(_folder[name]);
        }

        Assert.Contains("are missing", Assert.Throws<InvalidDataException>(() => Start()).Message, StringComparison.Ordinal);
    }

    private (ulong Starts, IReadOnlyList<string> Faults) Start()
    {
        var starts = new StartCount();
        using var directory = new DataDirectory(Options.Create(new DurabilityOptions { Directory = _folder.Path }), FileSystem.Linux, starts);
        directory.Open();
        return (starts.Starts, directory.NodeFaults);
    }
}
