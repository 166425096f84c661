using System.Globalization;
using System.Net;
using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>Makes the HTTP request of a call.</summary>
internal static class RequestMessages
{
    private const string UserAgentHeader = "user-agent";

    private static readonly string UserAgent = $"grpc-csharp-sockets/1.0 (.NET {Environment.Version})";

    /// <param name="address">The address of the method.</param>
    /// <param name="host">The host to name, or null for that of the address.</param>
    /// <param name="metadata">The caller's metadata, or null.</param>
    /// <param name="timeout">The time that is left, or null for no deadline.</param>
    /// <param name="codings">The codings that the response may have.</param>
    /// <param name="encoding">The coding of compressed requests, or null when none will be.</param>
    /// <param name="previousAttempts">How often the call was tried before.</param>
    /// <param name="content">The request stream. It may have been in a request before.</param>
    /// <exception cref="ArgumentException">The metadata cannot be sent.</exception>
    public static HttpRequestMessage Create(
        Uri address,
        string? host,
        Metadata? metadata,
        TimeSpan? timeout,
        MessageCodings codings,
        string? encoding,
        int previousAttempts,
        HttpContent content)
    {
        // Version and policy are set here because the handler looks nowhere else, and would speak HTTP/1.1.
        HttpRequestMessage request = new(HttpMethod.Post, address)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", GrpcProtocol.ContentType);
        request.Headers.TryAddWithoutValidation(GrpcProtocol.TeHeader, GrpcProtocol.TeTrailers);
        request.Headers.TryAddWithoutValidation(GrpcProtocol.AcceptEncodingHeader, codings.AcceptEncoding);
        if (encoding is not null)
        {
            request.Headers.TryAddWithoutValidation(GrpcProtocol.EncodingHeader, encoding);
        }

        if (host is not null)
        {
            request.Headers.Host = host;
        }

        if (timeout is TimeSpan time)
        {
            request.Headers.TryAddWithoutValidation(GrpcProtocol.TimeoutHeader, GrpcTimeout.Format(time));
        }

        if (previousAttempts > 0)
        {
            request.Headers.TryAddWithoutValidation(
                GrpcProtocol.PreviousAttemptsHeader, previousAttempts.ToString(CultureInfo.InvariantCulture));
        }

        if (metadata is not null)
        {
            Add(request, metadata);
        }

        if (metadata?.Get(UserAgentHeader) is null)
        {
            request.Headers.TryAddWithoutValidation(UserAgentHeader, UserAgent);
        }

        return request;
    }

    /// <summary>Adds metadata to a request.</summary>
    /// <exception cref="ArgumentException">The metadata cannot be sent.</exception>
    public static void Add(HttpRequestMessage request, Metadata metadata)
    {
        foreach (Metadata.Entry entry in metadata)
        {
            if (!GrpcProtocol.IsReserved(entry.Key))
            {
                Add(request, entry);
            }
        }
    }

    private static void Add(HttpRequestMessage request, Metadata.Entry entry)
    {
        string value = MetadataEncoding.ToHeaderValue(entry);

        // The handler would send other bytes than these, or break the header off at a line end.
        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new ArgumentException($"The metadata value of '{entry.Key}' is not printable ASCII.", nameof(entry));
        }

        // The handler keeps some names for the content, among them "expires", "allow" and "last-modified".
        if (!request.Headers.TryAddWithoutValidation(entry.Key, value))
        {
            throw new ArgumentException($"HTTP does not allow the metadata '{entry.Key}' in a request.", nameof(entry));
        }
    }
}
