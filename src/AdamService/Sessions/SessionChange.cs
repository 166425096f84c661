using Adam.Service.Errors;

namespace Adam.Service.Sessions;

/// <summary>
/// A change of a session, in two halves: what is checked and taken first, and the making, in which nothing fails any more that memory or a disk
/// could make fail. In tier LOG the change is on disk between the two. Both run in the session's queue, and nothing else in between.
/// </summary>
/// <typeparam name="T">What comes out of it.</typeparam>
internal abstract class SessionChange<T>
{
    /// <summary>Whether values that are lent to readers may change: then it waits for them.</summary>
    public virtual bool ChangesValues => true;

    /// <summary>Checks what can be checked and takes what making the change will need.</summary>
    /// <param name="core">The session's state, of which nothing may be changed.</param>
    /// <exception cref="ServiceException">The change is refused.</exception>
    public virtual void Prepare(SessionCore core)
    {
    }

    /// <summary>What the log must hold to make the change again. Asked for after <see cref="Prepare"/>, in tier LOG.</summary>
    /// <param name="core">The session's state, of which nothing may be changed.</param>
    /// <returns>Null if there is nothing to be held: the change is a repeat, or will be refused.</returns>
    public virtual LoggedChange? ToLog(SessionCore core) => null;

    /// <summary>Makes the change.</summary>
    /// <param name="core">The session's state.</param>
    /// <exception cref="ServiceException">The change is refused; nothing has changed.</exception>
    public abstract T Make(SessionCore core);

    /// <summary>What comes out of a change that was refused, by itself or by the log.</summary>
    /// <param name="core">The session's state, in which nothing has changed.</param>
    /// <param name="refusal">Why.</param>
    public virtual T Refuse(SessionCore core, ServiceException refusal) => throw refusal;

    /// <summary>Gives back what was taken. Called once, after everything else, if <see cref="Prepare"/> was called.</summary>
    public virtual void GiveBack()
    {
    }
}
