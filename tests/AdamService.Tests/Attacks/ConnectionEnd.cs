namespace Adam.Service.Tests.Attacks;

/// <summary>How a connection ended.</summary>
/// <param name="GoAway">The code of the GOAWAY that came before; null where none did.</param>
internal sealed record ConnectionEnd(uint? GoAway)
{
    public const uint NoError = 0;
    public const uint ProtocolError = 1;
    public const uint InternalError = 2;
    public const uint FlowControlError = 3;
    public const uint StreamClosed = 5;
    public const uint Cancel = 8;
    public const uint EnhanceYourCalm = 11;

    /// <summary>Closed without a word.</summary>
    public static readonly ConnectionEnd Closed = new((uint?)null);

    public static ConnectionEnd WentAway(uint code) => new(code);

    public override string ToString() => GoAway is { } code ? $"GOAWAY({code})" : "closed";
}
