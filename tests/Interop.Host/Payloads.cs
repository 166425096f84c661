using AdamGrpc.Interop.Wire;
using Google.Protobuf;

namespace AdamGrpc.Interop;

/// <summary>Bytes to send: zeros, which become shorter by compression.</summary>
internal static class Payloads
{
    public static Payload Create(int size) => new() { Body = ByteString.CopyFrom(new byte[size]) };
}
