namespace Adam.Service.Tests.Attacks;

/// <summary>Frames that a client sends on one connection until the service ends it.</summary>
/// <param name="Name">What is sent.</param>
/// <param name="Expected">How the connection must end.</param>
/// <param name="Max">After how many it must have ended.</param>
/// <param name="PerTurn">How many are sent at once.</param>
/// <param name="Turn">The next ones, for the number of those before.</param>
/// <param name="First">What is sent before them.</param>
/// <param name="Paced">Whether to wait after each turn until the service has read it, which a PING tells.</param>
internal sealed record Flood(
    string Name, ConnectionEnd Expected, int Max, int PerTurn, Func<int, byte[]> Turn, byte[]? First = null, bool Paced = true);
