namespace Adam.Service.Sessions;

/// <summary>Somebody who looks at a session after each turn of its queue.</summary>
internal interface IChangeWatch
{
    /// <summary>A turn is over; it may have changed something or not. Runs in the queue, must be quick and must not throw.</summary>
    void OnTurn(SessionActor session, SessionCore core);
}
