using Adam.Client.Tests.Support;
using Grpc.Core;

namespace Adam.Client.Tests.Checkpoints;

/// <summary>Whole sessions as files.</summary>
public sealed class ExportImportTests(DurableServiceFixture service) : IClassFixture<DurableServiceFixture>
{
    // Several messages both ways.
    private const int LargeElements = 700_000;

    private AdamClient Client => service.Client;

    [Fact]
    public async Task Import_OfAnExport_IsTheSessionAgain()
    {
        var weights = new float[LargeElements];
        new Random(5).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.AsSpan()));
        var spec = new SessionSpec
        {
            Tensors = [new TensorSpec("w", [LargeElements])], InitialWeights = [weights], Labels = new Dictionary<string, string> { ["a"] = "b" },
        };
        var session = await Client.CreateSessionAsync(spec);
        using var file = new MemoryStream();

        var exported = await Client.ExportSessionAsync(session.Id, file);
        file.Position = 0;
        var imported = await Client.ImportSessionAsync(
            file, new ImportOptions { SessionId = "imported", Labels = new Dictionary<string, string> { ["c"] = "d" } });

        Assert.Equal((session.Version, file.Length), (exported.Version, exported.SizeBytes));
        Assert.True(file.Length > 12 * LargeElements);
        Assert.Equal(("imported", 1ul, session.Iterations, true), (imported.Id, imported.Generation, imported.Iterations, imported.IsNew));
        Assert.False(imported.Uid.Span.SequenceEqual(session.Uid.Span));
        Assert.Equal("d", Assert.Single(imported.Labels, label => label.Key == "c").Value);
        Assert.Equal(Bits.Of(weights), Bits.Of((await Client.ReadTensorsAsync("imported"))[0]));
        file.Position = 0;
        await Assert.ThrowsAsync<SessionExistsException>(() => Client.ImportSessionAsync(file, new ImportOptions { SessionId = "imported" }));
    }

    [Fact]
    public async Task Export_OfACheckpoint_HasItsState()
    {
        var session = await TrainedSession.MakeAsync(Client, steps: 1);
        var expected = await TrainedSession.WeightsAsync(Client, session.Id);
        await Client.SaveCheckpointAsync(session.Id, "first");
        await TrainedSession.TrainAsync(Client, session.Id, 2, 1);
        using var file = new MemoryStream();

        await Client.ExportSessionAsync(session.Id, file, "first");
        file.Position = 0;
        var imported = await Client.ImportSessionAsync(file);

        Assert.Equal(1, imported.Iterations);
        Assert.Equal(expected, await TrainedSession.WeightsAsync(Client, imported.Id));
    }

    [Fact]
    public async Task Import_OfAFileThatIsCut_MakesNothing()
    {
        var session = await TrainedSession.MakeAsync(Client, steps: 1);
        using var file = new MemoryStream();
        await Client.ExportSessionAsync(session.Id, file);
        using var cut = new MemoryStream(file.ToArray()[..^1]);

        await Assert.ThrowsAsync<CheckpointDamagedException>(() => Client.ImportSessionAsync(cut, new ImportOptions { SessionId = "cut" }));

        await Assert.ThrowsAsync<SessionNotFoundException>(() => Client.GetSessionAsync("cut"));
    }

    [Fact]
    public async Task Import_OfAStreamThatFails_ThrowsItsErrorAndMakesNothing()
    {
        var session = await TrainedSession.MakeAsync(Client, steps: 1);
        using var file = new MemoryStream();
        await Client.ExportSessionAsync(session.Id, file);
        using var failing = new FailingStream(file.ToArray());

        await Assert.ThrowsAsync<InvalidOperationException>(() => Client.ImportSessionAsync(failing, new ImportOptions { SessionId = "failing" }));

        await Assert.ThrowsAsync<SessionNotFoundException>(() => Client.GetSessionAsync("failing"));
    }

    [Fact]
    public async Task Export_ThatEndsEarly_IsNoFile()
    {
        await using var fake = await FakeService.StartAsync();
        await using var client = AdamClient.ForAddress(fake.Address);
        fake.Answer = (_, _) => new V1.ExportSessionResponse { Begin = new V1.ExportBegin { Version = 1, SizeBytes = 10 } };

        var broken = await Assert.ThrowsAsync<AdamException>(() => client.ExportSessionAsync("s", Stream.Null));

        Assert.Equal(StatusCode.Internal, broken.StatusCode);
    }

    /// <summary>Has all of a file, and then an error in place of its end.</summary>
    private sealed class FailingStream(byte[] content) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Position < Length
            ? base.ReadAsync(buffer, cancellationToken)
            : throw new InvalidOperationException("by the test");
    }
}
