namespace Adam.Fuzz.Running;

/// <summary>An input that breaks a rule.</summary>
/// <param name="Target">Whose.</param>
/// <param name="Index">Its number; -1 for one of a file.</param>
/// <param name="Input">Its bytes.</param>
/// <param name="What">What is wrong.</param>
internal sealed record Finding(string Target, long Index, byte[] Input, string What);
