using Adam.Service.Tests.Attacks;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Bench.LoadBench.Attacks;

/// <summary>One well-formed call that writes a tensor, cut into as many frames and bytes as wanted.</summary>
internal sealed class Upload : ILoad
{
    private const string Path = "/adam.v1.Training/WriteTensors";
    private const int FrameHeaderBytes = 9;
    private const int FramesPerTurn = 50;

    private readonly int _frames;
    private readonly byte[] _body;

    /// <summary>Makes one.</summary>
    /// <param name="like">What the connection is to send.</param>
    public Upload(Traffic like)
    {
        var payload = like.Bytes - (like.Frames * FrameHeaderBytes);
        Parameters = (int)Math.Clamp(Math.Max(payload, like.Frames) / sizeof(float), 16, 64 << 10);
        _body =
        [
            .. Frames.Prefixed(new WriteTensorsRequest { Begin = new WriteBegin { Session = new SessionRef { SessionId = SessionId } } }),
            .. Frames.Prefixed(new WriteTensorsRequest
            {
                Chunk = new TensorChunk { Dtype = DType.Float32, Data = ByteString.CopyFrom(new byte[Parameters * sizeof(float)]) },
            }),
            .. Frames.Prefixed(new WriteTensorsRequest { Commit = new WriteCommit() }),
        ];
        _frames = (int)Math.Clamp(like.Frames - 1, (_body.Length + (16 << 10) - 1) / (16 << 10), _body.Length);
    }

    /// <summary>The session that it writes.</summary>
    public string SessionId => $"written-{Parameters}";

    /// <summary>Its parameters.</summary>
    public int Parameters { get; }

    public async Task RunAsync(string url, Tally tally, CancellationToken stop)
    {
        tally.AddConnection();
        await using var connection = await RawConnection.OpenAsync(url);
        await connection.SendAsync(tally.Add(Frames.Headers(1, Path)));
        for (var first = 0; first < _frames; first += FramesPerTurn)
        {
            await connection.SendAsync(tally.Add([.. Enumerable.Range(first, Math.Min(FramesPerTurn, _frames - first)).SelectMany(Cut)]));
        }

        var end = await connection.ReceiveAsync(frame => frame.EndsStream);
        if (end.GrpcStatus != 0)
        {
            throw new InvalidOperationException($"A write ended with status {end.GrpcStatus}.");
        }
    }

    private byte[] Cut(int frame)
    {
        var (from, to) = (At(frame), At(frame + 1));
        return Frames.Of(Frames.Data, frame == _frames - 1 ? Frames.EndStream : (byte)0, 1, _body.AsSpan(from, to - from));
    }

    private int At(int frame) => (int)((long)_body.Length * frame / _frames);
}
