using System.Diagnostics.CodeAnalysis;

namespace Grpc.Core.Internal;

/// <summary>Metadata entries as HTTP header values, and back.</summary>
internal static class MetadataEncoding
{
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

        foreach (string part in value.Split(','))
        {
            if (TryDecodeBinary(part.Trim(), out byte[]? bytes))
            {
                metadata.Add(name, bytes);
            }
            else if (!skipsMalformed)
            {
                throw new RpcException(new Status(StatusCode.Internal, $"The header '{name}' is not valid base64."));
            }
        }
    }

    private static bool TryDecodeBinary(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        string padded = (text.Length % 4) switch
        {
            2 => text + "==",
            3 => text + "=",
            _ => text,
        };
        byte[] buffer = new byte[padded.Length / 4 * 3];
        if (!Convert.TryFromBase64String(padded, buffer, out int length))
        {
            bytes = null;
            return false;
        }

        bytes = buffer[..length];
        return true;
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
