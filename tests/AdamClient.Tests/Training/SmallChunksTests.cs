using Adam.Client.Tests.Support;
using Adam.Samples.DigitsTraining.Service;

namespace Adam.Client.Tests.Training;

/// <summary>A service that takes chunks of 4 KiB only.</summary>
public sealed class SmallChunksTests
{
    private const int ChunkBytes = 4096;

    [Fact]
    public async Task WriteTensors_ServiceWithSmallChunks_CutsAsItSays()
    {
        await using var service = await ServiceProcess.StartAsync(arguments: ["--set", $"Limits:ChunkBytesMax={ChunkBytes}"]);
        await using var client = AdamClient.ForAddress(service.Addresses.Grpc);
        var weights = Enumerable.Range(0, 3000).Select(i => (float)i).ToArray();
        var created = await client.CreateSessionAsync(
            new SessionSpec { SessionId = "small", Tensors = [new TensorSpec("w", [weights.Length])] });

        var written = await client.WriteTensorsAsync("small", [new TensorWrite(0, weights)]);
        var read = await client.ReadTensorsAsync("small");

        Assert.Equal((ulong)ChunkBytes, created.MaxChunkBytes);
        Assert.Equal(SessionState.Ready, written.State);
        Assert.Equal(weights, read[0]);
    }

    [Fact]
    public async Task CreateSession_ServiceWithSmallChunks_StreamsLargeWeights()
    {
        await using var service = await ServiceProcess.StartAsync(arguments: ["--set", $"Limits:ChunkBytesMax={ChunkBytes}"]);
        await using var client = AdamClient.ForAddress(service.Addresses.Grpc);
        var weights = new float[(1 << 20) + 1];

        var session = await client.CreateSessionAsync(
            new SessionSpec { Tensors = [new TensorSpec("w", [weights.Length])], InitialWeights = [weights] });

        Assert.Equal(SessionState.Ready, session.State);
    }

    [Fact]
    public async Task StepAsync_ServiceWithSmallChunks_CutsBetweenBlocks()
    {
        await using var service = await ServiceProcess.StartAsync(arguments: ["--set", $"Limits:ChunkBytesMax={ChunkBytes}"]);
        await using var client = AdamClient.ForAddress(service.Addresses.Grpc);
        var created = await client.CreateSessionAsync(
            new SessionSpec { Tensors = [new TensorSpec("w", [10_001])], InitialWeights = [new float[10_001]] });
        await using var session = await client.OpenSessionAsync(created.Reference, new OpenOptions { Digest = true });

        foreach (var encoding in Enum.GetValues<GradientEncoding>())
        {
            var result = await session.StepAsync([new float[10_001]], options: new StepOptions { GradientEncoding = encoding });

            Assert.Equal(StepOutcome.Applied, result.Outcome);
        }
    }
}
