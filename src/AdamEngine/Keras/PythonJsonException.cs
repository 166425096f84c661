namespace Adam.Engine.Keras;

/// <summary>A text is not what Python's <c>json</c> module reads; the message says where.</summary>
internal sealed class PythonJsonException(string message) : Exception(message);
