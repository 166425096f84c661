using Adam.Service.Sessions;

namespace Adam.Service.Recovery;

/// <summary>A change that the log has, made again.</summary>
/// <param name="sequence">Its record.</param>
/// <param name="baseVersion">The session's version before it.</param>
/// <param name="change">The change.</param>
internal sealed class ReplayedChange<T>(ulong sequence, ulong baseVersion, SessionChange<T> change) : SessionChange<T>
{
    /// <inheritdoc/>
    public override void Prepare(SessionCore core)
    {
        if (core.Version != baseVersion)
        {
            throw new InvalidDataException($"it changes version {baseVersion}, and the session is at version {core.Version}: records are missing before it");
        }

        change.Prepare(core);
    }

    /// <inheritdoc/>
    public override T Make(SessionCore core)
    {
        core.LogSequence = sequence;
        return change.Make(core);
    }

    /// <inheritdoc/>
    public override void GiveBack() => change.GiveBack();
}
