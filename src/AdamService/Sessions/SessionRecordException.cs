namespace Adam.Service.Sessions;

/// <summary>A record of a session's state is not one that a session has written.</summary>
/// <param name="message">The field and what is wrong with it.</param>
internal sealed class SessionRecordException(string message) : Exception(message);
