using System.Globalization;
using Adam.Samples.DigitsTraining.Service;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Xunit.Abstractions;

namespace Adam.EndToEnd.Tests.Large;

/// <summary>What a real service holds in memory while one worker trains a model of the size of GPT-2 small.</summary>
public sealed class ResidentMemoryTests(ITestOutputHelper output)
{
    private const int ChunkBytes = 1 << 20;
    private const int Steps = 4;

    // Weights, two moments and the gradient that was sent.
    private const double BytesPerParameter = 16;

    // The same million bytes again and again, small positive numbers: what they are does not matter here.
    private static readonly ByteString Whole =
        ByteString.CopyFrom([.. Enumerable.Range(0, ChunkBytes).Select(i => (byte)((i & 3) == 3 ? 0x3C : i * 7))]);

    [MemoryFact(6)]
    public async Task Train_Gpt2SmallWithWeightReplies_HoldsTheStateAndOneGradient()
    {
        var shapes = Gpt2Small();
        var parameters = shapes.Sum(Elements);
        await using var service = await ServiceProcess.StartAsync();
        using var channel = GrpcChannel.ForAddress(service.Addresses.Grpc);
        var sessions = new Sessions.SessionsClient(channel);
        var training = new Training.TrainingClient(channel);
        var created = await sessions.CreateSessionAsync(new CreateSessionRequest
        {
            Durability = new Durability { Tier = DurabilityTier.Memory },
            Tensors = { shapes.Select((shape, index) => new TensorSpec { Name = $"tensor{index}", Shape = { shape } }) },
        });
        var session = new SessionRef { SessionId = created.Session.SessionId };
        await WriteAsync(training, session, shapes);

        using var call = training.Train();
        await call.RequestStream.WriteAsync(new TrainRequest { Open = new TrainOpen { Session = session, WorkerId = "one" } });
        Assert.True(await call.ResponseStream.MoveNext());
        var received = 0L;
        for (var sequence = 1ul; sequence <= Steps; sequence++)
        {
            await call.RequestStream.WriteAsync(new TrainRequest { Begin = new BatchBegin { Sequence = sequence, AllTensors = new AllTensors() } });
            foreach (var chunk in shapes.SelectMany((shape, tensor) => Chunks(tensor, shape, Slot.Unspecified)))
            {
                await call.RequestStream.WriteAsync(new TrainRequest { Chunk = chunk });
            }

            await call.RequestStream.WriteAsync(new TrainRequest { Commit = new BatchCommit() });
            while (await call.ResponseStream.MoveNext() && call.ResponseStream.Current.ReplyEnd is null)
            {
                received += call.ResponseStream.Current.Chunk?.Data.Length ?? 0;
            }

            Report(sequence, service.Addresses.ProcessId, parameters);
        }

        Assert.Equal(Steps * parameters * sizeof(float), received);
        var peak = StatusBytes(service.Addresses.ProcessId, "VmHWM:") / (BytesPerParameter * parameters);
        Assert.True(peak <= 1.1, $"The service held {peak:F3} times {BytesPerParameter} bytes a parameter.");
    }

    private void Report(ulong step, int processId, long parameters)
    {
        var (resident, peak) = (StatusBytes(processId, "VmRSS:"), StatusBytes(processId, "VmHWM:"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"step {step}: {parameters} parameters, resident {resident / 1e6:F0} MB = {resident / (BytesPerParameter * parameters):F3} of 16 bytes a "
            + $"parameter; at most {peak / 1e6:F0} MB = {peak / (BytesPerParameter * parameters):F3}"));
    }

    private static long StatusBytes(int processId, string field)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) << 10;
    }

    private static async Task WriteAsync(Training.TrainingClient training, SessionRef session, IReadOnlyList<long[]> shapes)
    {
        // A tensor at a time, so that what is staged for it stays below what a batch takes.
        for (var tensor = 0; tensor < shapes.Count; tensor++)
        {
            using var call = training.WriteTensors();
            await call.RequestStream.WriteAsync(new WriteTensorsRequest { Begin = new WriteBegin { Session = session } });
            foreach (var chunk in Chunks(tensor, shapes[tensor], Slot.Weights))
            {
                await call.RequestStream.WriteAsync(new WriteTensorsRequest { Chunk = chunk });
            }

            await call.RequestStream.WriteAsync(new WriteTensorsRequest { Commit = new WriteCommit() });
            await call.RequestStream.CompleteAsync();
            await call.ResponseAsync;
        }
    }

    private static IEnumerable<TensorChunk> Chunks(int tensor, long[] shape, Slot slot)
    {
        var bytes = sizeof(float) * Elements(shape);
        for (var offset = 0L; offset < bytes; offset += ChunkBytes)
        {
            yield return new TensorChunk
            {
                TensorIndex = (uint)tensor,
                Slot = slot,
                Offset = (ulong)offset / sizeof(float),
                Dtype = DType.Float32,
                Data = bytes - offset >= ChunkBytes ? Whole : ByteString.CopyFrom(Whole.Span[..(int)(bytes - offset)]),
            };
        }
    }

    private static long Elements(long[] shape) => shape.Aggregate(1L, (product, length) => product * length);

    // 12 blocks of width 768, 50,257 tokens, 1,024 positions: 124,439,808 parameters in 148 tensors.
    private static List<long[]> Gpt2Small()
    {
        const long Width = 768;
        List<long[]> shapes = [[50257, Width], [1024, Width]];
        for (var block = 0; block < 12; block++)
        {
            shapes.AddRange(
            [
                [Width], [Width], [Width, 3 * Width], [3 * Width], [Width, Width], [Width],
                [Width], [Width], [Width, 4 * Width], [4 * Width], [4 * Width, Width], [Width],
            ]);
        }

        shapes.AddRange([[Width], [Width]]);
        return shapes;
    }
}
