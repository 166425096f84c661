using System.Buffers.Binary;
using Adam.Service.Storage.Log;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Sessions;

/// <summary>The step log of the node, as its sessions get at it. There is none where the service keeps nothing, and before it has read what it kept.</summary>
internal sealed class SessionLogs : IDisposable
{
    private StepLog? _log;

    /// <summary>The log; null if there is none.</summary>
    public StepLog? Log => Volatile.Read(ref _log);

    /// <summary>What of it is still needed.</summary>
    public LogPins Pins { get; } = new();

    /// <summary>Puts the log in its place. Called once, before sessions may be created.</summary>
    public void Open(StepLog log) => Volatile.Write(ref _log, log);

    /// <summary>A session's part of it.</summary>
    /// <param name="tier">What of the session survives a crash.</param>
    /// <param name="uid">The session.</param>
    /// <returns>Null if the session is not logged, or there is no log.</returns>
    public SessionLog? Of(DurabilityTier tier, ByteString uid) =>
        tier == DurabilityTier.Log && Log is { } log ? new SessionLog(log, Pins, KeyOf(uid)) : null;

    /// <summary>The number by which records say whose they are.</summary>
    public static UInt128 KeyOf(ByteString uid) => BinaryPrimitives.ReadUInt128BigEndian(uid.Span);

    /// <summary>Writes what waits, and closes it.</summary>
    public void Dispose() => Log?.Dispose();
}
