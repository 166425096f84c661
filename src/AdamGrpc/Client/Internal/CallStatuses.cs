using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>The statuses of calls that this side ends.</summary>
internal static class CallStatuses
{
    public static readonly Status DeadlineExceeded = new(StatusCode.DeadlineExceeded, "Deadline Exceeded");
    public static readonly Status CancelledByCaller = new(StatusCode.Cancelled, "Call canceled by the client.");
    public static readonly Status CallDisposed = new(StatusCode.Cancelled, "The call was disposed before it ended.");
    public static readonly Status ChannelDisposed = new(StatusCode.Cancelled, "The channel was disposed before the call ended.");
    public static readonly Status NoStatus = new(StatusCode.Internal, "The server ended the call without a status.");
    public static readonly Status NoResponse =
        new(StatusCode.Unimplemented, "The method gives one response, and the server sent none.");
    public static readonly Status ManyResponses =
        new(StatusCode.Unimplemented, "The method gives one response, and the server sent more than one.");
    public static readonly Status UnnamedCoding =
        new(StatusCode.Internal, "A message is marked as compressed, but the response names no coding (grpc-encoding).");
    public static readonly Status CredentialsInClearText = new(
        StatusCode.Unauthenticated,
        "The call has credentials and the channel no TLS: anybody on the way could read them. "
        + "GrpcChannelOptions.UnsafeUseInsecureChannelCallCredentials sends them all the same.");
}
