using System.Globalization;

namespace Grpc.Core.Internal;

/// <summary>The limit of messages that are sent.</summary>
internal static class MessageLimit
{
    /// <summary>Refuses a message that is longer than the limit.</summary>
    /// <param name="length">The length in bytes.</param>
    /// <param name="lengthMax">The largest length in bytes; null is no limit.</param>
    /// <exception cref="RpcException">The message is too long.</exception>
    public static void ThrowIfTooLongToSend(long length, int? lengthMax)
    {
        if (lengthMax is int limit && length > limit)
        {
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Message of {length} bytes to send exceeds the maximum of {limit} bytes (MaxSendMessageSize).")));
        }
    }
}
