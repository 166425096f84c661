namespace Adam.Bench.GrpcBench.Figures;

/// <summary>What a client says of its turn.</summary>
/// <param name="Seconds">How long it took.</param>
/// <param name="Used">What the client's process used for it.</param>
internal readonly record struct ClientTurn(double Seconds, ProcessFigures Used);
