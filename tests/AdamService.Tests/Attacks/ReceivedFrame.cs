using System.Buffers.Binary;
using System.Text;

namespace Adam.Service.Tests.Attacks;

/// <summary>A frame that the service has sent.</summary>
internal sealed record ReceivedFrame(byte Type, byte Flags, int Stream, byte[] Payload)
{
    /// <summary>The error code of a RST_STREAM or GOAWAY frame.</summary>
    public uint Code => BinaryPrimitives.ReadUInt32BigEndian(Payload.AsSpan(Type == Frames.GoAwayType ? 4 : 0));

    public bool EndsStream => Type is Frames.Data or Frames.HeadersType && (Flags & Frames.EndStream) != 0;

    /// <summary>The status of gRPC in headers or trailers; null where there is none. They are in plain text, because these
    /// clients allow the service no table of headers.</summary>
    public int? GrpcStatus
    {
        get
        {
            var text = Encoding.Latin1.GetString(Payload);

            // With the length of the name before it, because grpc-status-details-bin begins with the same letters.
            var name = text.IndexOf("\vgrpc-status", StringComparison.Ordinal) + 1;
            if (Type != Frames.HeadersType || name == 0)
            {
                return null;
            }

            var length = text[name + "grpc-status".Length];
            return int.Parse(text.AsSpan(name + "grpc-status".Length + 1, length), System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
