using Grpc.Core.Internal;

namespace Grpc.AspNetCore.Web.Internal;

/// <summary>The media types of gRPC-Web: bytes, and the same bytes as base64 text.</summary>
internal static class GrpcWebMediaType
{
    /// <summary>Messages and trailers as they are.</summary>
    public const string Binary = "application/grpc-web";

    /// <summary>In base64, for clients that cannot read bytes before the end of a response.</summary>
    public const string Text = "application/grpc-web-text";

    /// <summary>Whether a media type is one of gRPC-Web, with or without suffix and parameters.</summary>
    /// <param name="mediaType">The media type.</param>
    /// <param name="isText">Whether it is the one in base64.</param>
    public static bool Is(string? mediaType, out bool isText)
    {
        isText = Is(mediaType, Text);
        return isText || Is(mediaType, Binary);
    }

    /// <summary>The media type of gRPC with the same suffix and parameters.</summary>
    public static string ToGrpc(string mediaType, bool isText) =>
        string.Concat(GrpcProtocol.ContentType, mediaType.AsSpan((isText ? Text : Binary).Length));

    /// <summary>The media type of gRPC-Web with the suffix and parameters of one of gRPC.</summary>
    public static string FromGrpc(string mediaType, bool isText) =>
        string.Concat(isText ? Text : Binary, mediaType.AsSpan(GrpcProtocol.ContentType.Length));

    private static bool Is(string? mediaType, string expected) =>
        mediaType is not null
        && mediaType.StartsWith(expected, StringComparison.OrdinalIgnoreCase)
        && (mediaType.Length == expected.Length || mediaType[expected.Length] is '+' or ';');
}
