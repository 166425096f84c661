namespace Adam.Bench.LoadBench.Attacks;

/// <summary>A neighbour alone, beside an honest load, and beside an attack that sends as much.</summary>
internal sealed record AttackRound(Phase Alone, Phase Twin, Phase Attack);
