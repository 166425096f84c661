using System.Net;

namespace Adam.Bench.GrpcBench.Clients;

/// <summary>Raw HTTP/2 by <see cref="SocketsHttpHandler"/> as it comes.</summary>
internal sealed class RawClient(int port) : ITransferClient
{
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler());
    private readonly byte[] _message = new byte[Payload.MessageBytes];
    private readonly byte[] _received = new byte[Payload.MessageBytes];
    private readonly byte[] _small = new byte[Payload.SmallBytes];

    public async Task EchoAsync(int messages)
    {
        using HttpResponseMessage response = await SendAsync("echo", new Messages(_message, messages));
        await DrainAsync(response, (long)messages * Payload.MessageBytes);
    }

    public async Task UploadAsync(int messages)
    {
        using HttpResponseMessage response = await SendAsync("upload", new Messages(_message, messages));
        await DrainAsync(response, 0);
    }

    public async Task DownloadAsync(int messages)
    {
        long bytes = (long)messages * Payload.MessageBytes;
        using HttpResponseMessage response = await SendAsync($"download/{bytes}", new ByteArrayContent([]));
        await DrainAsync(response, bytes);
    }

    public async Task UnaryAsync(int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            using HttpResponseMessage response = await SendAsync("unary", new ByteArrayContent(_small));
            await DrainAsync(response, Payload.SmallBytes);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendAsync(string path, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/{path}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        return (await _client.SendAsync(request, CancellationToken.None)).EnsureSuccessStatusCode();
    }

    private async Task DrainAsync(HttpResponseMessage response, long expected)
    {
        await using Stream stream = await response.Content.ReadAsStreamAsync();
        long total = 0;
        for (int read = -1; read != 0; total += read)
        {
            read = await stream.ReadAsync(_received);
        }

        if (total != expected)
        {
            throw new InvalidOperationException($"{total} of {expected} bytes came.");
        }
    }

    /// <summary>A body of messages, one write each.</summary>
    private sealed class Messages(byte[] message, int count) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (int i = 0; i < count; i++)
            {
                await stream.WriteAsync(message);
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
