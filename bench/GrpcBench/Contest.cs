using System.Globalization;
using Adam.Bench.GrpcBench.Figures;

namespace Adam.Bench.GrpcBench;

/// <summary>All clients do the same, in turns.</summary>
/// <param name="contestants">The clients; the first is what the others are compared with.</param>
/// <param name="rounds">How many turns each of them has.</param>
internal sealed class Contest(IReadOnlyList<Contestant> contestants, int rounds)
{
    /// <summary>What stands above the rows.</summary>
    public const string Head =
        """
        | | | rate (quartiles) | of raw HTTP/2 (quartiles) | µs of a message or call | µs of processor time of each | of raw HTTP/2 (quartiles) | garbage of each, client | server | large objects of each |
        | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
        """;

    /// <summary>
    /// Runs the rounds and prints medians and quartiles, of ratios those of the turns of one round. The processor time of a message or call, client and server
    /// together, stands beside the rates: on a machine that does other things too it says more than they do.
    /// </summary>
    /// <param name="name">What is done.</param>
    /// <param name="part">The same.</param>
    /// <param name="pieces">How many messages or calls a turn has.</param>
    /// <param name="units">What a turn moves.</param>
    /// <param name="unit">What that is counted in, a second.</param>
    public async Task RunAsync(string name, Part part, int pieces, double units, string unit)
    {
        TurnRequest request = new(part, pieces, WithLargeObjects: false);
        foreach (Contestant contestant in contestants)
        {
            await contestant.TakeAsync(request);
        }

        Turn[][] turns = [.. contestants.Select(_ => new Turn[rounds])];
        for (int round = 0; round < rounds; round++)
        {
            for (int place = 0; place < contestants.Count; place++)
            {
                // Who goes first changes, so that a machine that slows down or speeds up favours nobody.
                int who = round % 2 == 0 ? place : contestants.Count - 1 - place;
                turns[who][round] = await contestants[who].TakeAsync(request);
            }
        }

        for (int who = 0; who < contestants.Count; who++)
        {
            Turn large = await contestants[who].TakeAsync(request with { WithLargeObjects = true });
            Print(name, contestants[who].Name, turns[who], turns[0], large, pieces, units, unit);
        }
    }

    private static void Print(string name, string client, Turn[] turns, Turn[] others, Turn large, int pieces, double units, string unit)
    {
        Quartiles Each(Func<Turn, double> figure) => Quartiles.Of(turns.Select(turn => figure(turn) / pieces));
        Quartiles Against(Func<Turn, Turn, double> ratio) => Quartiles.Of(turns.Zip(others, ratio));

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {client} | {Quartiles.Of(turns.Select(turn => units / turn.Seconds)).ToString("0.00")} {unit} "
            + $"| {Against((turn, other) => other.Seconds / turn.Seconds).ToString("0.00")} | {Each(turn => turn.Seconds * 1e6).Median:N0} "
            + $"| {Each(turn => turn.ProcessorSeconds * 1e6).Median:N0} | {Against((turn, other) => turn.ProcessorSeconds / other.ProcessorSeconds).ToString("0.00")} "
            + $"| {Each(turn => turn.Client.AllocatedBytes).ToString("N0")} | {Each(turn => turn.Server.AllocatedBytes).ToString("N0")} "
            + $"| {large.Client.LargeObjectBytes / pieces:N0} and {large.Server.LargeObjectBytes / pieces:N0} |"));
    }
}
