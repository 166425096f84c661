using System.Text.Json;
using Adam.Service.Tests.Support;

namespace Adam.Service.Tests.Hosting;

public sealed class AddressFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("adam-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Start_WithAnAddressFile_WritesWhereItListens()
    {
        var path = Path.Combine(_folder, "address.json");
        await File.WriteAllTextAsync(path, "left over from an earlier start");

        await using var service = await TestService.StartAsync(("Server:AddressFile", path));

        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(path));
        Assert.Equal(service.GrpcUrl, json.RootElement.GetProperty("grpc").GetString());
        Assert.Equal(service.HttpUrl, new Uri(json.RootElement.GetProperty("http").GetString()!));
        Assert.Equal(Environment.ProcessId, json.RootElement.GetProperty("pid").GetInt32());
        Assert.Equal([path], Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Start_ThatFails_WritesNone()
    {
        var path = Path.Combine(_folder, "address.json");
        await using var taken = await TestService.StartAsync();

        await Assert.ThrowsAsync<IOException>(
            () => TestService.StartAsync(("Server:AddressFile", path), ("Server:GrpcUrl", taken.GrpcUrl)));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Start_FolderThatIsNotThere_Fails() =>
        await Assert.ThrowsAnyAsync<IOException>(
            () => TestService.StartAsync(("Server:AddressFile", Path.Combine(_folder, "missing", "address.json"))));
}
