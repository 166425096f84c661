using Google.Protobuf;

namespace Adam.Service.Durability;

/// <summary>What became of a session that was found on disk.</summary>
/// <param name="SessionId">Its id; empty where even that cannot be read.</param>
/// <param name="Uid">Its 16 bytes; empty for a folder of another name.</param>
/// <param name="Findings">What is damaged, each with its place.</param>
internal abstract record LoadedSession(string SessionId, ByteString Uid, IReadOnlyList<string> Findings);
