namespace Adam.Client;

/// <summary>
/// Names a session in every call. An id alone (a <see cref="string"/> converts) means whatever session has it now; a reference from
/// <see cref="SessionInfo.Reference"/> or <see cref="OptimizerSession.Reference"/> also says which one was known, so that a session
/// that was deleted and made again, or whose past has changed, is never taken for the old one.
/// </summary>
/// <param name="Id">The id.</param>
public sealed record SessionRef(string Id)
{
    /// <summary>
    /// The session's 16 random bytes. Empty: any session of this id. Another session: <see cref="SessionNotFoundException"/>.
    /// </summary>
    public ReadOnlyMemory<byte> Uid { get; init; }

    /// <summary>The generation that the caller knows. Null: any. Another one: <see cref="GenerationChangedException"/>.</summary>
    public ulong? ExpectedGeneration { get; init; }

    /// <summary>Any session of this id.</summary>
    /// <param name="id">The id.</param>
    public static SessionRef FromString(string id) => new(id);

    /// <summary>Any session of this id.</summary>
    /// <param name="id">The id.</param>
    public static implicit operator SessionRef(string id) => FromString(id);

    /// <summary>Compares by value, the random bytes one by one.</summary>
    /// <param name="other">The other reference.</param>
    public bool Equals(SessionRef? other) =>
        other is not null && Id == other.Id && ExpectedGeneration == other.ExpectedGeneration && Uid.Span.SequenceEqual(other.Uid.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, ExpectedGeneration, Uid.Length);
}
