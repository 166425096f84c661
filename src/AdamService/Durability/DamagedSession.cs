using Google.Protobuf;

namespace Adam.Service.Durability;

/// <summary>A session that cannot be made again from its snapshots. Nothing of its folder was touched.</summary>
/// <param name="SessionId">Its id; empty where even that cannot be read.</param>
/// <param name="Uid">Its 16 bytes, which its folder is named after; empty for a folder of another name.</param>
/// <param name="Findings">What is damaged, each with its place.</param>
internal sealed record DamagedSession(string SessionId, ByteString Uid, IReadOnlyList<string> Findings) : LoadedSession(SessionId, Uid, Findings);
