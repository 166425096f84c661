using System.Net;
using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace AdamGrpc.Tests;

/// <summary>Requests that are announced to be followed by others, and what of it the handler is given to write.</summary>
public sealed class HeldMessagesTests
{
    private const int FrameBytes = 16 * 1024;

    private static readonly EchoMessage Small = new() { Text = "small" };

    [Fact]
    public async Task Write_SmallMessagesUntilOneIsNotFollowed_LeaveInOnePiece()
    {
        Recording sent = await SendAsync(async stream =>
        {
            await WriteAsync(stream, Small, isFollowed: true);
            await WriteAsync(stream, Small, isFollowed: true);
            await WriteAsync(stream, Small, isFollowed: false);
            await WriteAsync(stream, Small, isFollowed: false);
        });

        Assert.Equal([Join(Small, Small, Small), Join(Small)], sent.Writes);
        Assert.Equal(2, sent.Flushes);
    }

    [Fact]
    public async Task Complete_WithMessagesThatWereToBeFollowed_SendsThem()
    {
        Recording sent = await SendAsync(async stream =>
        {
            await WriteAsync(stream, Small, isFollowed: true);
            await WriteAsync(stream, Small, isFollowed: true);
        });

        Assert.Equal([Join(Small, Small)], sent.Writes);
    }

    [Fact]
    public async Task Write_MoreThanAFrameTakes_LeavesInItsOrder_AndNeverInLongerPiecesUnlessItIsOne()
    {
        EchoMessage[] messages = [.. Enumerable.Range(0, 300).Select(i => new EchoMessage { Text = new string((char)('a' + (i % 26)), i * 7 % 900) })];
        EchoMessage large = new() { Data = ByteString.CopyFrom(new byte[3 * FrameBytes]) };
        Recording sent = await SendAsync(async stream =>
        {
            foreach (EchoMessage message in messages)
            {
                await WriteAsync(stream, message, isFollowed: true);
            }

            await WriteAsync(stream, large, isFollowed: true);
            await WriteAsync(stream, Small, isFollowed: true);
        });

        Assert.Equal(Join([.. messages, large, Small]), sent.Writes.SelectMany(write => write));
        Assert.Single(sent.Writes, write => write.Length > FrameBytes);

        // Each has as much as went in before the next message did not fit.
        Assert.All(sent.Writes[..^3], write => Assert.InRange(write.Length, FrameBytes - 1000, FrameBytes));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Complete_WithMessagesHeld_AfterTheCallIsOver_LeavesItToTheReaderToSayHow(bool isAnswered)
    {
        Recording recording = new();
        TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task body = Task.CompletedTask;
        using StubHandler handler = new(async (request, cancellation) =>
        {
            body = request.Content!.CopyToAsync(recording, cancellation);
            await goOn.Task;
            return isAnswered ? Answer(request) : throw new HttpRequestException("gone");
        });
        using GrpcChannel channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler });
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = new Echo.EchoClient(channel).ClientStream();
        await WriteAsync(call.RequestStream, Small, isFollowed: true);
        goOn.SetResult();
        Exception? failure = await Record.ExceptionAsync(() => call.ResponseAsync);

        await call.RequestStream.CompleteAsync();
        await call.RequestStream.CompleteAsync();

        Assert.Equal(isAnswered, failure is null);
        Assert.Empty(recording.Writes);

        // The server must not take what it has for the whole.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => body);
    }

    private static Task WriteAsync(IClientStreamWriter<EchoMessage> stream, EchoMessage message, bool isFollowed)
    {
        stream.WriteOptions = isFollowed ? new WriteOptions(WriteFlags.BufferHint) : WriteOptions.Default;
        return stream.WriteAsync(message, CancellationToken.None);
    }

    private static byte[] Join(params EchoMessage[] messages) => [.. messages.SelectMany(message => Gzip.WithPrefix(0, message.ToByteArray()))];

    private static HttpResponseMessage Answer(HttpRequestMessage request)
    {
        HttpResponseMessage response = new(HttpStatusCode.OK)
        {
            Version = HttpVersion.Version20,
            RequestMessage = request,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]),
        };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        response.TrailingHeaders.Add("grpc-status", "0");
        return response;
    }

    private static async Task<Recording> SendAsync(Func<IClientStreamWriter<EchoMessage>, Task> write)
    {
        Recording recording = new();
        using StubHandler handler = new(async (request, cancellation) =>
        {
            await request.Content!.CopyToAsync(recording, cancellation);
            return Answer(request);
        });
        using GrpcChannel channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler });
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = new Echo.EchoClient(channel).ClientStream();
        await write(call.RequestStream);
        await call.RequestStream.CompleteAsync();
        await call.ResponseAsync;
        return recording;
    }

    /// <summary>What is written, write by write.</summary>
    private sealed class Recording : MemoryStream
    {
        // The first flush is that of the headers.
        private int _flushes = -1;

        public List<byte[]> Writes { get; } = [];

        public int Flushes => _flushes;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes.Add(buffer.ToArray());
            return ValueTask.CompletedTask;
        }

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            _flushes++;
            return Task.CompletedTask;
        }
    }
}
