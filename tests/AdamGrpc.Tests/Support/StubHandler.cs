using System.Net;
using System.Net.Http.Headers;

namespace AdamGrpc.Tests.Support;

/// <summary>An HTTP handler that answers by itself.</summary>
public sealed class StubHandler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    /// <summary>A gRPC response without messages, which a test completes.</summary>
    public static HttpResponseMessage Response()
    {
        HttpResponseMessage response = new() { Version = HttpVersion.Version20, Content = new ByteArrayContent([]) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        return response;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        answer(request, cancellationToken);
}
