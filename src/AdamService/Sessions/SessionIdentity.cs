using System.Security.Cryptography;
using Google.Protobuf;

namespace Adam.Service.Sessions;

/// <summary>What makes a session this one: kept through restarts of the service.</summary>
/// <param name="Uid">16 random bytes: a session that is made again under the same id has others.</param>
/// <param name="CreateTime">When it was created.</param>
/// <param name="Generation">Raised when the past may have changed: by a start that is not sure of it, and by a restore.</param>
internal sealed record SessionIdentity(ByteString Uid, DateTimeOffset CreateTime, ulong Generation)
{
    /// <summary>The length of <see cref="Uid"/> in bytes.</summary>
    public const int UidBytes = 16;

    /// <summary>The identity of a session that begins now.</summary>
    public static SessionIdentity Begin(TimeProvider time) =>
        new(ByteString.CopyFrom(RandomNumberGenerator.GetBytes(UidBytes)), time.GetUtcNow(), 1);
}
