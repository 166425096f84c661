using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>What headers and trailers of a response say.</summary>
internal static class ResponseHeaders
{
    private static readonly Version Http2 = HttpVersion.Version20;

    /// <summary>
    /// The metadata in headers or trailers. Malformed binary values are left out: they say less than the status that stands beside them.
    /// </summary>
    public static Metadata ToMetadata(HttpHeaders headers)
    {
        Metadata metadata = [];
        foreach ((string name, HeaderStringValues values) in headers.NonValidated)
        {
            foreach (string value in values)
            {
                MetadataEncoding.AddHeader(metadata, name, value, skipsMalformed: true);
            }
        }

        return metadata;
    }

    /// <summary>Reads the status out of headers or trailers.</summary>
    /// <returns>False when there is none.</returns>
    public static bool TryGetStatus(HttpHeaders headers, out Status status)
    {
        if (!headers.NonValidated.TryGetValues(GrpcProtocol.StatusTrailer, out HeaderStringValues values))
        {
            status = default;
            return false;
        }

        string detail = headers.NonValidated.TryGetValues(GrpcProtocol.MessageTrailer, out HeaderStringValues messages)
            ? StatusMessageEncoding.Decode(messages.ToString())
            : "";
        string text = values.ToString();
        status = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int code)
            ? new Status(Enum.IsDefined((StatusCode)code) ? (StatusCode)code : StatusCode.Unknown, detail)
            : new Status(StatusCode.Unknown, $"The server sent the malformed status '{text}'.");
        return true;
    }

    /// <summary>Says why a response is not one of gRPC, or null when it is.</summary>
    public static Status? Validate(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return TryGetStatus(response.Headers, out Status status) && status.StatusCode != StatusCode.OK
                ? status
                : new Status(
                    HttpErrors.ToStatusCode(response.StatusCode),
                    string.Create(CultureInfo.InvariantCulture, $"Bad gRPC response. HTTP status code: {(int)response.StatusCode}"));
        }

        if (response.Version < Http2)
        {
            return new Status(StatusCode.Internal, $"Bad gRPC response. HTTP version: {response.Version}");
        }

        string? contentType = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out HeaderStringValues values)
            ? values.ToString()
            : null;
        return GrpcProtocol.IsGrpcContentType(contentType)
            ? null
            : new Status(StatusCode.Unknown, $"Bad gRPC response. Content-Type: '{contentType}'");
    }
}
