using System.Diagnostics;
using System.Globalization;
using Adam.Service.Storage.Files;

namespace Adam.Service.Tests.Storage.Files;

public sealed class LockFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Acquire_AnotherHolder_IsRefusedWithItsPid()
    {
        var path = _folder["lock"];
        using (LockFile.Acquire(FileSystem.Linux, path))
        {
            var error = Assert.Throws<StorageInUseException>(() => LockFile.Acquire(FileSystem.Linux, path));
            Assert.Equal(Environment.ProcessId, error.HolderPid);
            Assert.Contains(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        }

        LockFile.Acquire(FileSystem.Linux, path).Dispose();
    }

    [Fact]
    public async Task Acquire_AnotherProcess_IsKeptOut()
    {
        var path = _folder["lock"];
        using (LockFile.Acquire(FileSystem.Linux, path))
        {
            Assert.Equal(1, await TryInAnotherProcessAsync(path));
        }

        Assert.Equal(0, await TryInAnotherProcessAsync(path));
    }

    [Fact]
    public void Acquire_ALockOfAnotherProcessThatHasEnded_IsTaken()
    {
        File.WriteAllText(_folder["lock"], "123456789012");

        LockFile.Acquire(FileSystem.Linux, _folder["lock"]).Dispose();

        Assert.Equal(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), File.ReadAllText(_folder["lock"]));
    }

    private static async Task<int> TryInAnotherProcessAsync(string path)
    {
        using var process = Process.Start("flock", ["--nonblock", path, "true"]);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
