using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Grpc.Core.Internal;

/// <summary>Metadata entries as HTTP header values, and back.</summary>
internal static class MetadataEncoding
{
    private static readonly SearchValues<char> WhiteSpace = SearchValues.Create(" \t\r\n");

    /// <summary>The header value of an entry. Bytes are base64 without padding, as the protocol recommends.</summary>
    public static string ToHeaderValue(Metadata.Entry entry) =>
        entry.IsBinary ? Convert.ToBase64String(entry.BinaryValue).TrimEnd('=') : entry.Value;

    /// <summary>
    /// Adds the entries of one header. Headers of the protocol and names that metadata cannot have are left out. Binary values may have
    /// been joined with commas on the way, and may be padded or not.
    /// </summary>
    /// <param name="metadata">Where to add.</param>
    /// <param name="name">The name of the header.</param>
    /// <param name="value">Its value.</param>
    /// <param name="skipsMalformed">Whether a binary value that is not base64 is left out, instead of an exception.</param>
    /// <exception cref="RpcException">A binary value is not base64.</exception>
    public static void AddHeader(Metadata metadata, string name, string value, bool skipsMalformed = false)
    {
        if (GrpcProtocol.IsReserved(name) || !IsMetadataKey(name))
        {
            return;
        }

        if (!name.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase))
        {
            metadata.Add(name, value);
            return;
        }

        foreach (Range part in value.AsSpan().Split(','))
        {
            if (TryDecodeBinary(value.AsSpan(part).Trim(), out byte[]? bytes))
            {
                metadata.Add(name, bytes);
            }
            else if (!skipsMalformed)
            {
                throw new RpcException(new Status(StatusCode.Internal, $"The header '{name}' is not valid base64."));
            }
        }
    }

    private static bool TryDecodeBinary(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        // Padding is all there or not at all; and the decoder would skip white space, which no encoder writes.
        ReadOnlySpan<char> digits = text.TrimEnd('=');
        int padding = -digits.Length & 3;
        bytes = null;
        if (padding == 3 || (text.Length != digits.Length && text.Length != digits.Length + padding) || digits.ContainsAny(WhiteSpace))
        {
            return false;
        }

        if (digits.IsEmpty)
        {
            bytes = [];
            return true;
        }

        string padded = string.Concat(digits, "==".AsSpan(0, padding));
        bytes = new byte[(padded.Length / 4 * 3) - padding];
        return Convert.TryFromBase64String(padded, bytes, out int length) && length == bytes.Length;
    }

    private static bool IsMetadataKey(string name)
    {
        foreach (char character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.'))
            {
                return false;
            }
        }

        return true;
    }
}
