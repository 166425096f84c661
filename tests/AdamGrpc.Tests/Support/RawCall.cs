using System.Net;

namespace AdamGrpc.Tests.Support;

/// <summary>A call made of literal bytes, and what came back, without the client under test.</summary>
public sealed record RawCall(
    HttpStatusCode HttpStatus, string? Status, string? Message, bool IsTrailersOnly, byte[] Body, HttpResponseMessage Response)
{
    public const string Unary = "/grpc_runtime.test.Echo/Unary";
    public const string ServerStream = "/grpc_runtime.test.Echo/ServerStream";

    /// <summary>Sends each of the pieces in a write of its own.</summary>
    public static async Task<RawCall> SendAsync(
        EchoHost host, string path, byte[][] pieces, Action<HttpRequestMessage>? configure = null, string? contentType = "application/grpc")
    {
        using SocketsHttpHandler handler = new();
        using HttpMessageInvoker http = new(handler);
        using HttpRequestMessage request = new(HttpMethod.Post, host.Address + path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new PieceContent(pieces),
        };
        if (contentType is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("content-type", contentType);
        }

        request.Headers.TryAddWithoutValidation("te", "trailers");
        configure?.Invoke(request);
        HttpResponseMessage response = await http.SendAsync(request, CancellationToken.None).Soon();
        byte[] body = await response.Content.ReadAsByteArrayAsync().Soon();
        bool isTrailersOnly = response.Headers.Contains("grpc-status");
        System.Net.Http.Headers.HttpResponseHeaders end = isTrailersOnly ? response.Headers : response.TrailingHeaders;
        return new RawCall(response.StatusCode, Get(end, "grpc-status"), Get(end, "grpc-message"), isTrailersOnly, body, response);
    }

    private static string? Get(System.Net.Http.Headers.HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(",", values) : null;

    private sealed class PieceContent(byte[][] pieces) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (byte[] piece in pieces)
            {
                await stream.WriteAsync(piece);
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
