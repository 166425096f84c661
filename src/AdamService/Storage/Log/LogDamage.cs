namespace Adam.Service.Storage.Log;

/// <summary>Records that were durable and cannot be read.</summary>
/// <param name="Segment">The segment's path.</param>
/// <param name="Offset">Where in it.</param>
/// <param name="FirstLsn">The first of them.</param>
/// <param name="LastLsn">The last; null if that is not known.</param>
/// <param name="SessionUid">Whose they were; null if that is not known: any session's.</param>
/// <param name="Fault">What is wrong, as a sentence without its end.</param>
internal sealed record LogDamage(string Segment, long Offset, ulong FirstLsn, ulong? LastLsn, UInt128? SessionUid, string Fault)
{
    /// <summary>All of it in a sentence.</summary>
    public override string ToString()
    {
        var records = LastLsn == FirstLsn ? $"record {FirstLsn}" : $"records {FirstLsn} to {LastLsn?.ToString("D", null) ?? "an unknown one"}";
        var owner = SessionUid is { } uid ? $"of session {uid:x32}" : "of unknown sessions";
        return $"{Segment} is damaged at {Offset}, {records} {owner}: {Fault}.";
    }
}
