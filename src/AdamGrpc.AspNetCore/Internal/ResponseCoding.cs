using Grpc.Core;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// How the responses of a call are compressed: by the service's options, unless its handler asks for another coding before the headers
/// are sent. A coding that the client does not accept is not used, whoever asked for it.
/// </summary>
internal sealed class ResponseCoding
{
    private readonly HttpContext _httpContext;
    private readonly MethodOptions _options;
    private MessageCompression? _compression;

    /// <param name="httpContext">The call. Its headers are not sent yet.</param>
    /// <param name="options">The options of the service.</param>
    public ResponseCoding(HttpContext httpContext, MethodOptions options)
    {
        _httpContext = httpContext;
        _options = options;
        if (options.ResponseCompressionAlgorithm is { } name)
        {
            Choose(name);
        }
    }

    /// <summary>Chooses a coding. The headers must not have been sent.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="InvalidOperationException">The service has no such coding.</exception>
    public void Choose(string name)
    {
        _compression = null;
        _httpContext.Response.Headers.Remove(GrpcProtocol.EncodingHeader);
        if (MessageCodings.IsIdentity(name))
        {
            return;
        }

        MessageCompression compression = new(
            _options.Codings.Find(name)
                ?? throw new InvalidOperationException($"Could not find compression provider for '{name}' (GrpcServiceOptions.CompressionProviders)."),
            _options.ResponseCompressionLevel);
        if (MessageCodings.Accepts(_httpContext.Request.Headers.GrpcAcceptEncoding, name))
        {
            _compression = compression;
            _httpContext.Response.Headers.GrpcEncoding = name;
            CallResponse.NameCodings(_httpContext.Response, _options.Codings);
        }
    }

    /// <summary>How the next response is compressed; null for not at all.</summary>
    /// <param name="options">How it is written; null stands for the defaults.</param>
    public MessageCompression? For(WriteOptions? options) =>
        (options?.Flags ?? default).HasFlag(WriteFlags.NoCompress) ? null : _compression;
}
