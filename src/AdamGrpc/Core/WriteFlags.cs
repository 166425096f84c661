using System.Diagnostics.CodeAnalysis;

namespace Grpc.Core;

/// <summary>Flags of one write.</summary>
[Flags]
[SuppressMessage("Naming", "CA1711", Justification = "The name is the official one.")]
[SuppressMessage("Design", "CA1008", Justification = "The members are the official ones.")]
public enum WriteFlags
{
    /// <summary>
    /// More messages follow soon: the message may wait in a buffer until a write without this flag, or the end of the call.
    /// </summary>
    BufferHint = 1,

    /// <summary>The message is not to be compressed.</summary>
    NoCompress = 2,
}
