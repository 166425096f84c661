using Adam.Fuzz.Oracles;
using Adam.Service.Errors;
using Adam.V1;
using Google.Rpc;
using Grpc.Core;
using Grpc.Core.Internal;

namespace Adam.Fuzz.Targets;

/// <summary>What every refusal has to be: a status that says whose fault it is, with details that can be read and that clients accept.</summary>
internal static class StatusCheck
{
    // Stock clients drop all trailers above this, and report something else.
    private const int TrailerBytesMax = 8 << 10;

    /// <summary>Holds a refusal against the rules.</summary>
    /// <returns>Its reason.</returns>
    public static string Of(ServiceException refusal) => Of(WireStatus.ToRpcException(refusal));

    /// <summary>Holds the end of a call against the rules.</summary>
    /// <returns>Its reason.</returns>
    public static string Of(RpcException error)
    {
        OracleException.ThrowUnless(
            error.StatusCode is not (StatusCode.OK or StatusCode.Unknown or StatusCode.Internal or StatusCode.Cancelled), $"A refusal of code {error.StatusCode}: {error}");
        var details = error.Trailers.GetValueBytes(WireStatus.DetailsTrailer) ?? throw new OracleException($"A refusal without details: {error}");
        var status = Google.Rpc.Status.Parser.ParseFrom(details);
        var info = status.Details[0].Unpack<ErrorInfo>();
        var bytes = StatusMessageEncoding.Encode(error.Status.Detail).Length + MetadataEncoding.ToHeaderValue(error.Trailers[0]).Length;
        OracleException.ThrowUnless(bytes <= TrailerBytesMax, $"Trailers of {bytes} bytes: {error}");
        return Enum.GetValues<ErrorReason>().Single(reason => WireStatus.NameOf(reason) == info.Reason).ToString();
    }
}
