namespace Adam.Fuzz.Running;

/// <summary>How a run of one target went.</summary>
/// <param name="Inputs">How many inputs ran.</param>
/// <param name="Elapsed">How long that took.</param>
/// <param name="Findings">How many broke a rule.</param>
/// <param name="Outcomes">What became of the inputs, with counts.</param>
internal sealed record TargetResult(long Inputs, TimeSpan Elapsed, int Findings, IReadOnlyDictionary<string, long> Outcomes);
