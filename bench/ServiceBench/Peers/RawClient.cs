using System.Globalization;
using System.Net;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>Carries bytes to <see cref="RawProgram"/> and as many back, by <see cref="SocketsHttpHandler"/> as it comes.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler());
    private readonly string _url;
    private readonly long _bytes;
    private readonly byte[] _piece;
    private readonly byte[] _received;

    public RawClient(string url, long bytes)
    {
        (_url, _bytes) = (url, bytes);
        _piece = new byte[Math.Min(bytes, 1 << 20)];
        _received = new byte[_piece.Length];
    }

    public async Task StepAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"{_url}/{_bytes}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new Pieces(_piece, _bytes),
        };
        using var response = (await _client.SendAsync(request, CancellationToken.None)).EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync();
        long total = 0;
        for (var read = -1; read != 0; total += read)
        {
            read = await stream.ReadAsync(_received);
        }

        if (total != _bytes)
        {
            throw new InvalidOperationException($"{total} of {_bytes} bytes came.");
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>A body, a megabyte for each write.</summary>
    private sealed class Pieces(byte[] piece, long bytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var rest = bytes; rest > 0; rest -= piece.Length)
            {
                await stream.WriteAsync(piece.AsMemory(0, (int)Math.Min(rest, piece.Length)));
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes;
            return true;
        }
    }
}
