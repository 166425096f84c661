using System.Buffers.Binary;
using Adam.Service.Storage.Files;
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

    /// <summary>Room that deletions may use where there is no other; null if there is no log.</summary>
    public RoomReserve? Reserve { get; private set; }

    /// <summary>Puts the log in its place. Called once, before sessions may be created.</summary>
    /// <param name="log">The log.</param>
    /// <param name="reserve">Room for deletions.</param>
    public void Open(StepLog log, RoomReserve reserve)
    {
        Reserve = reserve;
        Volatile.Write(ref _log, log);
    }

    /// <summary>A session's part of it.</summary>
    /// <param name="tier">What of the session survives a crash.</param>
    /// <param name="uid">The session.</param>
    /// <returns>Null if the session is not logged, or there is no log.</returns>
    public SessionLog? Of(DurabilityTier tier, ByteString uid) =>
        tier == DurabilityTier.Log ? Of(uid) : null;

    /// <summary>A session's part of it, whatever is known of the session.</summary>
    /// <returns>Null if there is no log.</returns>
    public SessionLog? Of(ByteString uid) => Log is { } log ? new SessionLog(log, Pins, KeyOf(uid), Reserve) : null;

    /// <summary>The number by which records say whose they are.</summary>
    public static UInt128 KeyOf(ByteString uid) => BinaryPrimitives.ReadUInt128BigEndian(uid.Span);

    /// <summary>Writes what waits, and closes it.</summary>
    public void Dispose() => Log?.Dispose();
}
