namespace Adam.Client.Tests.Support;

/// <summary>A call that came to a <see cref="FakeService"/>.</summary>
/// <param name="Method">The name of the method.</param>
/// <param name="Headers">The headers.</param>
/// <param name="ClientThumbprint">Which certificate the client showed; null for none.</param>
internal sealed record FakeCall(string Method, IReadOnlyDictionary<string, string> Headers, string? ClientThumbprint)
{
    /// <summary>A header; empty when it is not there.</summary>
    public string Header(string name) => Headers.GetValueOrDefault(name, "");
}
