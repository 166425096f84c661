using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Core.Internal;
using Grpc.Net.Compression;

namespace Grpc.Net.Client.Internal;

/// <summary>Which codings the messages of a call have.</summary>
internal static class CallCodings
{
    /// <summary>The coding that the caller asked for with its metadata.</summary>
    /// <returns>Null when it asked for none.</returns>
    /// <exception cref="RpcException">The channel has no such coding.</exception>
    public static MessageCompression? OfRequests(MessageCodings codings, Metadata? headers)
    {
        string? name = headers?.GetValue(GrpcProtocol.EncodingRequestKey);
        if (MessageCodings.IsIdentity(name))
        {
            return null;
        }

        return new MessageCompression(
            codings.Find(name!) ?? throw new RpcException(
                new Status(StatusCode.Internal, $"Could not find compression provider for '{name}' (GrpcChannelOptions.CompressionProviders).")),
            Level: null);
    }

    /// <summary>The coding of those responses that are compressed.</summary>
    /// <exception cref="RpcException">The headers name none, or one that was not offered.</exception>
    public static ICompressionProvider OfResponses(MessageCodings codings, HttpResponseHeaders headers)
    {
        string? name = headers.NonValidated.TryGetValues(GrpcProtocol.EncodingHeader, out HeaderStringValues values) ? values.ToString() : null;
        if (MessageCodings.IsIdentity(name))
        {
            throw new RpcException(CallStatuses.UnnamedCoding);
        }

        return codings.Find(name!) ?? throw new RpcException(
            new Status(StatusCode.Internal, $"The message coding '{name}' of the response was not offered."));
    }
}
