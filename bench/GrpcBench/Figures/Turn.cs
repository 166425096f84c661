namespace Adam.Bench.GrpcBench.Figures;

/// <summary>A turn as the client and the server saw it.</summary>
/// <param name="Seconds">How long it took.</param>
/// <param name="Client">What the client's process used for it.</param>
/// <param name="Server">What the server's process used for it.</param>
internal readonly record struct Turn(double Seconds, ProcessFigures Client, ProcessFigures Server)
{
    /// <summary>The processor time of both.</summary>
    public double ProcessorSeconds => Client.ProcessorSeconds + Server.ProcessorSeconds;
}
