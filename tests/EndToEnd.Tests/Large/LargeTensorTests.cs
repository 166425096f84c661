using System.Runtime.InteropServices;
using Adam.Engine;
using Adam.Samples.DigitsTraining.Service;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Adam.EndToEnd.Tests.Large;

/// <summary>One tensor whose every array has more bytes than 32 bits can count, through a real service.</summary>
public sealed class LargeTensorTests
{
    private const long Elements = 600_000_000;
    private const int ChunkElements = 1 << 18;

    // Chunk after chunk carries the same values, as weights and as gradients: what one chunk becomes says what the whole tensor must be.
    private static readonly float[] Values = [.. Enumerable.Range(0, ChunkElements).Select(i => ((i % 1009) - 400) * 0.001f)];

    [MemoryFact(15)]
    public async Task Step_TensorOf600MillionElements_UpdatesEveryElement()
    {
        await using var service = await ServiceProcess.StartAsync();
        using var channel = GrpcChannel.ForAddress(service.Addresses.Grpc);
        var sessions = new Sessions.SessionsClient(channel);
        var training = new Training.TrainingClient(channel);
        var created = await sessions.CreateSessionAsync(
            new CreateSessionRequest
            {
                Durability = new Durability { Tier = DurabilityTier.Memory },
                Tensors = { new TensorSpec { Name = "embedding", Shape = { Elements } } },
            });
        var session = new SessionRef { SessionId = created.Session.SessionId };

        await WriteAsync(training, session);
        using var call = training.Train();
        await call.RequestStream.WriteAsync(new TrainRequest { Open = new TrainOpen { Session = session, WorkerId = "large" } });
        Assert.True(await call.ResponseStream.MoveNext());
        await SendBatchAsync(call.RequestStream);
        Assert.True(await call.ResponseStream.MoveNext());

        var expected = Expected(out var report);
        Assert.Equal(BatchOutcome.Applied, call.ResponseStream.Current.Result.Outcome);
        Assert.Equal(
            report.GradientNorm * Math.Sqrt((double)Elements / ChunkElements),
            call.ResponseStream.Current.Result.Metrics.GradientNorm,
            0.001 * report.GradientNorm * Math.Sqrt((double)Elements / ChunkElements));
        Assert.Equal(Elements, await CheckReplyAsync(call.ResponseStream, expected));
        await call.RequestStream.CompleteAsync();
    }

    private static async Task WriteAsync(Training.TrainingClient training, SessionRef session)
    {
        using var call = training.WriteTensors();
        await call.RequestStream.WriteAsync(new WriteTensorsRequest { Begin = new WriteBegin { Session = session } });
        foreach (var chunk in Chunks(Slot.Weights))
        {
            await call.RequestStream.WriteAsync(new WriteTensorsRequest { Chunk = chunk });
        }

        await call.RequestStream.WriteAsync(new WriteTensorsRequest { Commit = new WriteCommit() });
        await call.RequestStream.CompleteAsync();
        Assert.Equal(SessionState.Ready, (await call.ResponseAsync).State);
    }

    private static async Task SendBatchAsync(IClientStreamWriter<TrainRequest> requests)
    {
        await requests.WriteAsync(new TrainRequest { Begin = new BatchBegin { Sequence = 1, AllTensors = new AllTensors() } });
        foreach (var chunk in Chunks(Slot.Unspecified))
        {
            await requests.WriteAsync(new TrainRequest { Chunk = chunk });
        }

        await requests.WriteAsync(new TrainRequest { Commit = new BatchCommit() });
    }

    private static async Task<long> CheckReplyAsync(IAsyncStreamReader<TrainResponse> responses, float[] expected)
    {
        var received = 0L;
        while (await responses.MoveNext() && responses.Current.Chunk is { } chunk)
        {
            var elements = MemoryMarshal.Cast<byte, float>(chunk.Data.Span);
            var phase = (int)((long)chunk.Offset % ChunkElements);
            if (!elements.SequenceEqual(expected.AsSpan(phase, elements.Length)))
            {
                Assert.Fail($"Elements from {chunk.Offset} on are not what a short tensor becomes.");
            }

            received += elements.Length;
        }

        return received;
    }

    private static IEnumerable<TensorChunk> Chunks(Slot slot)
    {
        var whole = ByteString.CopyFrom(MemoryMarshal.AsBytes(Values.AsSpan()));
        for (var offset = 0L; offset < Elements; offset += ChunkElements)
        {
            var count = (int)Math.Min(ChunkElements, Elements - offset);
            yield return new TensorChunk
            {
                Slot = slot,
                Offset = (ulong)offset,
                Dtype = DType.Float32,
                Data = count == ChunkElements ? whole : ByteString.CopyFrom(whole.Span[..(count * sizeof(float))]),
            };
        }
    }

    private static float[] Expected(out StepReport report)
    {
        using var optimizer = new AdamOptimizer(new AdamOptions(), [new VariableSpec("embedding", [ChunkElements])]);
        Values.CopyTo(optimizer.Slot(0, AdamSlot.Weights).Span<float>());
        using var gradient = TensorBuffer.Of(Values);
        report = optimizer.Apply([new Engine.Gradient(0, gradient.View)]);
        return optimizer.Slot(0, AdamSlot.Weights).Span<float>().ToArray();
    }
}
