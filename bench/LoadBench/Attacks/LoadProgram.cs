using System.Text.Json;
using Adam.Bench.LoadBench.Processes;
using Adam.Client;

namespace Adam.Bench.LoadBench.Attacks;

/// <summary>The process of the attackers and their honest twins. It does one at a time: begins when told, and says what was sent when it ends.</summary>
internal sealed class LoadProgram(string url)
{
    /// <summary>The verb.</summary>
    public const string Verb = "load";

    /// <summary>Begins an attack; its index follows.</summary>
    public const string BeginAttack = "attack";

    /// <summary>Begins its twin; its index, and what the attack sends on each connection, follow.</summary>
    public const string BeginTwin = "twin";

    /// <summary>Ends either.</summary>
    public const string End = "end";

    /// <summary>Runs until the input ends.</summary>
    public async Task RunAsync()
    {
        await using var client = AdamClient.ForAddress(url);
        await Trainer.CreateSessionAsync(client, Reads.SessionId, Reads.Parameters);
        RepeatedLoad? running = null;
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ', 3);
            if (words[0] == End)
            {
                Answer(JsonSerializer.Serialize(await running!.StopAsync()));
                running.Dispose();
                continue;
            }

            var attack = Attack.All[int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture)];
            var load = words[0] == BeginAttack ? attack.Load : attack.Twin(JsonSerializer.Deserialize<Traffic>(words[2])!);
            if (load is Upload upload)
            {
                await Trainer.CreateSessionAsync(client, upload.SessionId, upload.Parameters);
            }

            running = new RepeatedLoad(load, url, attack.PerSecond);
            Answer("");
        }
    }

    private static void Answer(string line) => Console.WriteLine(Companion.AnswerMark + line);
}
