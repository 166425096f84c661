using System.Buffers;
using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// Reads the response stream of a call that has one response. Most of these are short, and the buffers of a pipe would cost more than the
/// reading.
/// </summary>
internal static class OnlyMessage
{
    private const int FirstBytes = 4096;

    /// <summary>How much is set aside for a message on the word of its prefix alone; for more, twice of what has come.</summary>
    private const int TrustedBytes = 1 << 20;

    /// <summary>Reads the stream to its end.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="parser">Finds the message.</param>
    /// <param name="cancellationToken">Gives the read up.</param>
    /// <returns>The message; null when there was none.</returns>
    /// <exception cref="RpcException">The bytes break the protocol, the message is too long, or there is more than one.</exception>
    public static async ValueTask<T?> ReadAsync<T>(Stream stream, MessageParser<T> parser, CancellationToken cancellationToken)
        where T : class
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
        try
        {
            T? message = null;
            int count = 0;
            while (true)
            {
                int read = await stream.ReadAsync(buffer.AsMemory(count), cancellationToken);
                if (read == 0)
                {
                    return count == 0 ? message : throw MessageParser<T>.Incomplete();
                }

                count += read;
                if (message is not null)
                {
                    throw new RpcException(CallStatuses.ManyResponses);
                }

                ReadOnlySequence<byte> bytes = new(buffer, 0, count);
                if (parser.TryTake(bytes, out message, out SequencePosition consumed))
                {
                    count = 0;
                    if (!consumed.Equals(bytes.End))
                    {
                        throw new RpcException(CallStatuses.ManyResponses);
                    }
                }
                else if (count == buffer.Length)
                {
                    buffer = Grow(buffer);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        // The prefix is there, and its length has been looked at.
        MessagePrefix.TryRead(new ReadOnlySequence<byte>(buffer), out MessagePrefix prefix);
        long needed = prefix.Length + (long)GrpcProtocol.PrefixSize;
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Min(needed, Math.Max(TrustedBytes, buffer.Length * 2L)), Array.MaxLength));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
