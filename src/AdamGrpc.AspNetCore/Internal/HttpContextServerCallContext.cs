using System.Globalization;
using Grpc.Core;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>A call, as its handler sees it.</summary>
internal sealed class HttpContextServerCallContext(ServerCall call, ResponseCoding responseCoding) : ServerCallContext
{
    private Metadata? _requestHeaders;
    private Metadata? _responseTrailers;
    private AuthContext? _authContext;

    public ServerCall Call => call;

    /// <summary>How responses are compressed.</summary>
    public ResponseCoding ResponseCoding => responseCoding;

    public HttpContext HttpContext => call.HttpContext;

    /// <summary>The trailers that the handler has added; null when there are none.</summary>
    public Metadata? TrailersOrNull => _responseTrailers;

    protected override string MethodCore => call.Method;

    protected override string HostCore => HttpContext.Request.Host.Value ?? "";

    protected override string PeerCore
    {
        get
        {
            ConnectionInfo connection = HttpContext.Connection;
            return connection.RemoteIpAddress switch
            {
                null => "unix:",
                { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } address =>
                    string.Create(CultureInfo.InvariantCulture, $"ipv6:[{address}]:{connection.RemotePort}"),
                { } address => string.Create(CultureInfo.InvariantCulture, $"ipv4:{address}:{connection.RemotePort}"),
            };
        }
    }

    protected override DateTime DeadlineCore => call.Deadline?.UtcDateTime ?? DateTime.MaxValue;

    protected override Metadata RequestHeadersCore
    {
        get
        {
            if (_requestHeaders is null)
            {
                Metadata headers = [];
                foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in HttpContext.Request.Headers)
                {
                    foreach (string? value in values)
                    {
                        MetadataEncoding.AddHeader(headers, name, value ?? "");
                    }
                }

                _requestHeaders = headers;
            }

            return _requestHeaders;
        }
    }

    protected override CancellationToken CancellationTokenCore => call.CancellationToken;

    protected override IDictionary<object, object> UserStateCore => HttpContext.Items!;

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore =>
        _authContext ??= CertificateAuthContext.Create(HttpContext.Connection.ClientCertificate);

    protected override async Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        call.BeginWrite();
        try
        {
            if (HttpContext.Response.HasStarted)
            {
                throw new InvalidOperationException("Response headers can only be sent once per call.");
            }

            if (responseHeaders.GetValue(GrpcProtocol.EncodingRequestKey) is { } coding)
            {
                responseCoding.Choose(coding);
            }

            CallResponse.Add(HttpContext.Response.Headers, responseHeaders);
            await HttpContext.Response.BodyWriter.FlushAsync(CancellationToken.None);
        }
        finally
        {
            call.EndWrite();
        }
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException("Calls are not handed on: pass Deadline and CancellationToken to the other call.");
}
