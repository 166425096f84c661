using System.CommandLine;
using Adam.Service.Recovery;
using Adam.Service.Storage.Files;

namespace Adam.Service.CommandLine;

/// <summary><c>AdamService verify</c>: checks a data directory that no service uses, and names every fault.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var directory = new Option<string>("--data-dir") { Description = "The data directory. No service may be using it.", Required = true };
        var command = new Command("verify", "Read a data directory through and name what is damaged: exit code 0 if nothing is, 1 otherwise.") { directory };
        command.SetAction(arguments => Run(arguments.GetValue(directory)!));
        return command;
    }

    private static int Run(string directory)
    {
        try
        {
            using var hold = OfflineDirectory.Take(directory);
            var audit = new DataDirectoryAudit(FileSystem.Linux, Path.GetFullPath(directory));
            audit.Run();
            foreach (var remark in audit.Remarks)
            {
                Console.Out.WriteLine($"remark: {remark}");
            }

            foreach (var finding in audit.Findings)
            {
                Console.Out.WriteLine($"fault: {finding}");
            }

            Console.Out.WriteLine(
                $"{audit.Sessions} sessions with {audit.StateFiles} snapshots and checkpoints, {audit.Records} records of the step log: "
                + (audit.Findings.Count == 0 ? "intact." : $"{audit.Findings.Count} faults."));
            return audit.Findings.Count == 0 ? 0 : 1;
        }
        catch (Exception error) when (error is StorageException or IOException)
        {
            Console.Error.WriteLine($"{directory} could not be checked: {error.Message}");
            return 1;
        }
    }
}
