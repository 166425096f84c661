using System.Text.Json;
using Adam.Service.Hosting;
using Adam.Service.Sessions;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Adam.Bench.LoadBench.Processes;

/// <summary>The service in a process of its own, put together as its executable does it, which says what it uses when asked.</summary>
internal static class ServiceProgram
{
    /// <summary>The verb.</summary>
    public const string Verb = "service";

    /// <summary>Asks for <see cref="ServiceFigures"/>.</summary>
    public const string Look = "look";

    /// <summary>Asks for them after a collection.</summary>
    public const string Collect = "collect";

    /// <summary>Runs the service until the input ends.</summary>
    /// <param name="settings"><c>NAME=VALUE</c> each.</param>
    public static async Task RunAsync(IEnumerable<string> settings)
    {
        var all = settings.Select(setting => setting.Split('=', 2)).ToDictionary(parts => parts[0], parts => (string?)parts[1]);
        all.TryAdd("Durability:Directory", "");
        all["Server:HttpUrl"] = "http://127.0.0.1:0";
        await using var app = ServiceHost.Build(all);
        await app.StartAsync();
        Answer(ListeningAddresses.Of(app.Services.GetRequiredService<IServer>()).Grpc);
        while (await Console.In.ReadLineAsync() is { } asked)
        {
            Answer(JsonSerializer.Serialize(ServiceFigures.Take(asked == Collect, app.Services.GetRequiredService<SessionLogs>().Log)));
        }

        await app.StopAsync();
    }

    private static void Answer(string line) => Console.WriteLine(Companion.AnswerMark + line);
}
