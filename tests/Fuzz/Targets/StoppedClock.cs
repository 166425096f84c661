namespace Adam.Fuzz.Targets;

/// <summary>A clock that stands: what becomes of an input must not depend on when it comes.</summary>
internal sealed class StoppedClock : TimeProvider
{
    public override long GetTimestamp() => 1;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
}
