using System.CommandLine;
using Adam.Service.Configuration;
using Adam.Service.Durability;
using Adam.Service.Hosting;
using Adam.Service.Recovery;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;

namespace Adam.Service.CommandLine;

/// <summary><c>AdamService replay</c>: makes the steps of a log again and compares what comes out.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var directory = new Option<string>("--data-dir") { Description = "The data directory. No service may be using it.", Required = true };
        var session = new Option<string?>("--session") { Description = "The id of one session. Default: all that are in the log." };
        var command = new Command(
            "replay", "Make the steps of a step log again and compare each with what came out of it first: exit code 0 if all are the same, 1 otherwise.")
        {
            directory, session,
        };
        command.SetAction((arguments, _) => RunAsync(arguments.GetValue(directory)!, arguments.GetValue(session)));
        return command;
    }

    private static async Task<int> RunAsync(string directory, string? sessionId)
    {
        try
        {
            using var hold = OfflineDirectory.Take(directory);
            var path = Path.GetFullPath(directory);

            // What makes sessions, and nothing that listens or writes.
            await using var app = ServiceHost.Build(new Dictionary<string, string?>
            {
                [$"{DurabilityOptions.Section}:{nameof(DurabilityOptions.Directory)}"] = path,
            });
            using var log = LogReader.Open(FileSystem.Linux, Path.Combine(path, "log"));
            var comparison = new LogComparison(FileSystem.Linux, log, app.Services.GetRequiredService<ISessionMaker>());
            var outcomes = new List<ComparedSession>();
            foreach (var uid in comparison.Sessions)
            {
                var outcome = await comparison.RunAsync(uid, FolderOf(path, uid));
                if (sessionId is null || outcome.SessionId == sessionId)
                {
                    outcomes.Add(outcome);
                    Print(outcome);
                }
            }

            if (outcomes.Count == 0)
            {
                Console.Error.WriteLine(sessionId is null ? "The step log has no session." : $"The step log has no session '{sessionId}'.");
                return 1;
            }

            return outcomes.TrueForAll(static outcome => outcome.Difference.Length == 0) ? 0 : 1;
        }
        catch (Exception error) when (error is StorageException or IOException or LogVersionException)
        {
            await Console.Error.WriteLineAsync($"{directory} could not be replayed: {error.Message}");
            return 1;
        }
    }

    private static SessionFolder? FolderOf(string path, UInt128 uid)
    {
        try
        {
            return SessionFolder.Open(FileSystem.Linux, Path.Combine(path, "sessions", uid.ToString("x32", null)));
        }
        catch (Exception none) when (none is InvalidDataException or StorageException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static void Print(ComparedSession outcome) => Console.Out.WriteLine(
        outcome.Difference.Length > 0
            ? $"{outcome.SessionId}: differs: {outcome.Difference}"
            : $"{outcome.SessionId}: version {outcome.FromVersion} to {outcome.ToVersion}, {outcome.Replayed} changes made again, {outcome.Compared} steps compared: the same.");
}
