using System.Runtime.InteropServices;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>Gradients as float64, which the SDK does not send: by the generated client over a Train stream, from the trainer's memory; nothing comes back.</summary>
internal sealed class Float64Peer : IPeer
{
    private static readonly WriteOptions MoreFollows = new(WriteFlags.BufferHint);

    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<TrainRequest, TrainResponse> _call;
    private readonly TrainRequest _begin = new() { Begin = new BatchBegin { Sequence = 1, AllTensors = new AllTensors() } };
    private readonly List<TrainRequest> _chunks = [];
    private readonly TrainRequest _commit = new() { Commit = new BatchCommit() };

    private Float64Peer(GrpcChannel channel) => (_channel, _call) = (channel, new Training.TrainingClient(channel).Train());

    public string Name => "float64 in, nothing out, generated client";

    /// <summary>Opens a stream as another worker of a session.</summary>
    /// <param name="url">Where the service is.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="workload">Its model.</param>
    public static async Task<Float64Peer> StartAsync(string url, string sessionId, Workload workload)
    {
        var peer = new Float64Peer(GrpcChannel.ForAddress(url));
        await peer._call.RequestStream.WriteAsync(new TrainRequest
        {
            Open = new TrainOpen
            {
                Session = new SessionRef { SessionId = sessionId },
                WorkerId = "float64",
                DefaultReply = new ReplySpec { Kind = ReplyKind.None },
            },
        });
        var chunkBytes = (int)(await peer.ReceiveAsync()).Opened.MaxChunkBytes;
        foreach (var (length, index) in workload.Lengths.Select((length, index) => (length, (uint)index)))
        {
            peer.Cut(index, length, chunkBytes / sizeof(double));
        }

        return peer;
    }

    public async Task StepAsync()
    {
        _call.RequestStream.WriteOptions = MoreFollows;
        await _call.RequestStream.WriteAsync(_begin);
        foreach (var chunk in _chunks)
        {
            await _call.RequestStream.WriteAsync(chunk);
        }

        _call.RequestStream.WriteOptions = WriteOptions.Default;
        await _call.RequestStream.WriteAsync(_commit);
        var result = (await ReceiveAsync()).Result;
        if (result.Outcome != BatchOutcome.Applied)
        {
            throw new InvalidOperationException($"A step was {result.Outcome}.");
        }

        _begin.Begin.Sequence++;
    }

    public async ValueTask DisposeAsync()
    {
        await _call.RequestStream.CompleteAsync();
        _call.Dispose();
        _channel.Dispose();
    }

    private void Cut(uint index, long length, int elementsMax)
    {
        var values = new byte[length * sizeof(double)];
        MemoryMarshal.Cast<byte, double>(values.AsSpan()).Fill(0.01);
        for (var start = 0; start < length; start += elementsMax)
        {
            var data = values.AsMemory(start * sizeof(double), (int)Math.Min(elementsMax, length - start) * sizeof(double));
            _chunks.Add(new TrainRequest
            {
                Chunk = new TensorChunk
                {
                    TensorIndex = index,
                    Offset = (ulong)start,
                    Dtype = DType.Float64,
                    Data = UnsafeByteOperations.UnsafeWrap(data),
                },
            });
        }
    }

    private async Task<TrainResponse> ReceiveAsync() => await _call.ResponseStream.MoveNext(CancellationToken.None)
        ? _call.ResponseStream.Current
        : throw new InvalidOperationException("The service ended the stream.");
}
