namespace Adam.Client;

/// <summary>Where a forked session came from.</summary>
/// <param name="ParentUid">The parent's 16 random bytes: its <see cref="SessionInfo.Uid"/>.</param>
/// <param name="ParentVersion">The parent's version at the fork.</param>
public sealed record SessionLineage(ReadOnlyMemory<byte> ParentUid, ulong ParentVersion)
{
    /// <summary>Compares by value, the random bytes one by one.</summary>
    /// <param name="other">The other lineage.</param>
    public bool Equals(SessionLineage? other) =>
        other is not null && ParentVersion == other.ParentVersion && ParentUid.Span.SequenceEqual(other.ParentUid.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ParentVersion, ParentUid.Length);
}
