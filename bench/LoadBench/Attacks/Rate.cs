namespace Adam.Bench.LoadBench.Attacks;

/// <summary>What is sent in a second.</summary>
/// <param name="Connections">Connections that are opened.</param>
/// <param name="Frames">Frames.</param>
/// <param name="KiB">Bytes, in KiB.</param>
internal sealed record Rate(double Connections, double Frames, double KiB)
{
    /// <summary>Of what was sent in so many seconds.</summary>
    public static Rate Of(Traffic sent, double seconds) => new(sent.Connections / seconds, sent.Frames / seconds, sent.Bytes / 1024.0 / seconds);
}
