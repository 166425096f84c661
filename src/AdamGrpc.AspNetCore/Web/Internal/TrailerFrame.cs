using System.Buffers;
using System.Globalization;
using System.Text;
using Grpc.Core;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Web.Internal;

/// <summary>Trailers as a frame of the body: the flag 0x80, the length, and lines as in HTTP/1.1 with names in lower case.</summary>
internal static class TrailerFrame
{
    /// <summary>The flag byte of a frame that holds trailers.</summary>
    public const byte Flag = 0x80;

    // What HTTP allows in a value; a line end in one would become a trailer of its own.
    private static readonly SearchValues<char> ValueCharacters =
        SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Select(code => (char)code), '\t']);

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>What a client is told whose trailers cannot be sent.</summary>
    public static IHeaderDictionary Unsendable { get; } = new HeaderDictionary
    {
        [GrpcProtocol.StatusTrailer] = ((int)StatusCode.Internal).ToString(CultureInfo.InvariantCulture),
        [GrpcProtocol.MessageTrailer] =
            StatusMessageEncoding.Encode("The trailers of the call contain characters that cannot be sent."),
    };

    /// <summary>Writes the frame.</summary>
    /// <returns>False, with nothing written, if a name or a value contains what HTTP does not allow.</returns>
    public static bool TryWrite(IHeaderDictionary trailers, IBufferWriter<byte> output)
    {
        StringBuilder lines = new();
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in trailers)
        {
            foreach (string? value in values)
            {
                if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(NameCharacters) || value.AsSpan().ContainsAnyExcept(ValueCharacters))
                {
                    return false;
                }

                // Clients look for names in lower case.
                AppendLower(lines, name);
                lines.Append(": ").Append(value).Append("\r\n");
            }
        }

        Span<byte> prefix = output.GetSpan(GrpcProtocol.PrefixSize);
        MessagePrefix.Write(prefix, lines.Length);
        prefix[0] = Flag;
        output.Advance(GrpcProtocol.PrefixSize);
        foreach (ReadOnlyMemory<char> piece in lines.GetChunks())
        {
            Encoding.ASCII.GetBytes(piece.Span, output);
        }

        return true;
    }

    private static void AppendLower(StringBuilder lines, string name)
    {
        foreach (char character in name)
        {
            lines.Append(char.ToLowerInvariant(character));
        }
    }
}
