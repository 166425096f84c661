using System.Net;
using System.Text;
using AdamGrpc.Tests.Support;

namespace AdamGrpc.Tests.Web;

/// <summary>A gRPC-Web call made of literal bytes, as a browser would send them, and the bytes that came back.</summary>
public sealed record WebCall(HttpResponseMessage Response, byte[] Body)
{
    public const string Binary = "application/grpc-web";
    public const string Text = "application/grpc-web-text";

    public string BodyText => Encoding.ASCII.GetString(Body);

    public string? ContentType => Response.Content.Headers.ContentType?.ToString();

    /// <summary>The status in the headers; null if it is not there.</summary>
    public string? HeaderStatus => Header("grpc-status");

    public static async Task<WebCall> SendAsync(
        EchoHost host, string path, byte[] body, string contentType = Binary, string? accept = null, Version? version = null, string? timeout = null)
    {
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, host.Address + path)
        {
            Version = version ?? HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.TryAddWithoutValidation("content-type", contentType);
        Add(request, "accept", accept);
        Add(request, "grpc-timeout", timeout);
        HttpResponseMessage response = await http.SendAsync(request).Soon();
        return new WebCall(response, await response.Content.ReadAsByteArrayAsync().Soon());
    }

    /// <summary>A frame of the body.</summary>
    public static byte[] Frame(byte flag, byte[] payload) => [flag, 0, 0, (byte)(payload.Length >> 8), (byte)payload.Length, .. payload];

    /// <summary>The last frame of a body.</summary>
    public static byte[] Trailers(string lines) => Frame(0x80, Encoding.ASCII.GetBytes(lines));

    public string? Header(string name) =>
        Response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(",", values) : null;

    private static void Add(HttpRequestMessage request, string name, string? value)
    {
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
