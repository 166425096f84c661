using System.Globalization;

namespace Grpc.Core.Internal;

/// <summary>The limits of messages.</summary>
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

    /// <summary>Refuses a message that is longer than the limit, by the length that its prefix says.</summary>
    /// <param name="length">The length in bytes.</param>
    /// <param name="lengthMax">The largest length in bytes.</param>
    /// <exception cref="RpcException">The message is too long.</exception>
    public static void ThrowIfTooLongToReceive(long length, int lengthMax)
    {
        if (length > lengthMax)
        {
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Received message of {length} bytes exceeds the maximum of {lengthMax} bytes (MaxReceiveMessageSize).")));
        }
    }

    /// <summary>Refuses a compressed message that is longer than the limit, by what has come out of it so far.</summary>
    /// <param name="length">The length so far in bytes.</param>
    /// <param name="lengthMax">The largest length in bytes.</param>
    /// <exception cref="RpcException">The message is too long.</exception>
    public static void ThrowIfTooLongInflated(long length, int lengthMax)
    {
        if (length > lengthMax)
        {
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Received message decompresses to more than the maximum of {lengthMax} bytes (MaxReceiveMessageSize).")));
        }
    }
}
