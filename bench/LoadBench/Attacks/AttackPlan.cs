namespace Adam.Bench.LoadBench.Attacks;

/// <summary>How attacks are measured.</summary>
/// <param name="Rounds">How often a neighbour trains alone, beside the twin and beside the attack.</param>
/// <param name="Seconds">How long each time.</param>
/// <param name="Parameters">The sizes of the neighbours' models.</param>
/// <param name="Only">Which attacks, by a part of their names; null for all.</param>
internal sealed record AttackPlan(int Rounds, double Seconds, IReadOnlyList<int> Parameters, string? Only)
{
    /// <summary>The indices of the attacks.</summary>
    public IEnumerable<int> Attacks => Enumerable.Range(0, Attack.All.Count)
        .Where(index => Only is null || Attack.All[index].Name.Contains(Only, StringComparison.OrdinalIgnoreCase));
}
