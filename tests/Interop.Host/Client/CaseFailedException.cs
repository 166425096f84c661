namespace AdamGrpc.Interop.Client;

/// <summary>The server did not do what the case asks.</summary>
internal sealed class CaseFailedException(string message) : Exception(message);
