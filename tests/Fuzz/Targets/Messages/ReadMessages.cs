using Grpc.Core;

namespace Adam.Fuzz.Targets.Messages;

/// <summary>What was read of a stream of messages: those that came out, and how it ended.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="End">OK at the end of the stream; otherwise the status of what is wrong.</param>
internal sealed record ReadMessages(IReadOnlyList<byte[]> Messages, StatusCode End)
{
    public bool IsSame(ReadMessages other) =>
        End == other.End
        && Messages.Count == other.Messages.Count
        && Messages.Zip(other.Messages).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));

    public override string ToString() => $"{Messages.Count} messages of {string.Join(", ", Messages.Select(message => message.Length))} bytes, then {End}";
}
