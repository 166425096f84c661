using System.Text.Json;
using Adam.Bench.LoadBench.Processes;

namespace Adam.Bench.LoadBench.Attacks;

/// <summary>The process of the attackers and their honest twins, from outside.</summary>
internal sealed class Attackers(string url) : IAsyncDisposable
{
    private readonly Companion _companion = Companion.Start(LoadProgram.Verb, url);

    /// <summary>Begins an attack.</summary>
    public Task BeginAttackAsync(int index) => _companion.AskAsync($"{LoadProgram.BeginAttack} {index}");

    /// <summary>Begins its twin.</summary>
    /// <param name="index">Which attack's.</param>
    /// <param name="each">What the attack sends on each connection.</param>
    public Task BeginTwinAsync(int index, Traffic each) =>
        _companion.AskAsync($"{LoadProgram.BeginTwin} {index} {JsonSerializer.Serialize(each)}");

    /// <summary>Ends what was begun.</summary>
    /// <returns>What was sent.</returns>
    public async Task<Traffic> EndAsync() => JsonSerializer.Deserialize<Traffic>(await _companion.AskAsync(LoadProgram.End))!;

    public ValueTask DisposeAsync() => _companion.DisposeAsync();
}
