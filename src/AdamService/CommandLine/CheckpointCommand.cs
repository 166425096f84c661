using System.CommandLine;
using System.Globalization;
using Adam.V1;

namespace Adam.Service.CommandLine;

/// <summary><c>AdamService checkpoint</c>: the checkpoints of a running service, and whole sessions as files.</summary>
internal sealed class CheckpointCommand
{
    /// <summary>What was verified is damaged.</summary>
    public const int Damaged = 2;

    private const int PageSize = 1000;

    private readonly RemoteCommand _remote = new();
    private readonly Option<string> _session = new("--session") { Description = "The session.", Required = true };
    private readonly Option<string?> _newSession = new("--session") { Description = "The id of the new session. Default: the service makes one." };
    private readonly Option<string> _checkpoint = new("--checkpoint") { Description = "The id of the checkpoint.", Required = true };

    private readonly Option<string?> _newCheckpoint = new("--checkpoint")
    {
        Description = "The id of the checkpoint. Default: the service makes one of generation and version.",
    };

    private readonly Option<string?> _exported = new("--checkpoint") { Description = "A checkpoint of the session. Default: its present state." };
    private readonly Option<string?> _source = new("--source") { Description = "The session whose checkpoint it is. Default: the session itself." };

    private readonly Option<string> _output = new("--file")
    {
        Description = "The safetensors file. It is there wholly or not at all, and takes the place of one that has its name.", Required = true,
    };

    private readonly Option<string> _input = new("--file") { Description = "The safetensors file.", Required = true };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var it = new CheckpointCommand();
        return new Command("checkpoint", "Save, restore and move sessions of a running service. Exit code 0 if it was done, 1 if not.")
        {
            it._remote.Create("save", "Write a session's present state to the service's disk.", it.SaveAsync, it._session, it._newCheckpoint),
            it._remote.Create("list", "List the checkpoints of a session, newest first.", it.ListAsync, it._session),
            it._remote.Create("restore", "Put a session back to a checkpoint.", it.RestoreAsync, it._session, it._checkpoint, it._source),
            it._remote.Create(
                "verify", "Read a checkpoint through and compare its checksums: exit code 2 if it is damaged.", it.VerifyAsync, it._session, it._checkpoint),
            it._remote.Create("delete", "Delete a checkpoint.", it.DeleteAsync, it._session, it._checkpoint),
            it._remote.Create("export", "Write a session, or a checkpoint of it, into a file here.", it.ExportAsync, it._session, it._exported, it._output),
            it._remote.Create("import", "Make a session of a file here.", it.ImportAsync, it._input, it._newSession),
        };
    }

    private async Task<int> SaveAsync(ServiceConnection service, ParseResult arguments, CancellationToken cancellationToken)
    {
        var request = new SaveCheckpointRequest { Session = Session(arguments), CheckpointId = arguments.GetValue(_newCheckpoint) ?? "" };
        var answer = await service.Checkpoints.SaveCheckpointAsync(request, cancellationToken: cancellationToken);
        return await WriteAsync(answer.Checkpoint);
    }

    private async Task<int> ListAsync(ServiceConnection service, ParseResult arguments, CancellationToken cancellationToken)
    {
        var request = new ListCheckpointsRequest { Session = Session(arguments), PageSize = PageSize };
        do
        {
            var page = await service.Checkpoints.ListCheckpointsAsync(request, cancellationToken: cancellationToken);
            foreach (var checkpoint in page.Checkpoints)
            {
                await WriteAsync(checkpoint);
            }

            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return RemoteCommand.Done;
    }

    private async Task<int> RestoreAsync(ServiceConnection service, ParseResult arguments, CancellationToken cancellationToken)
    {
        var request = new RestoreCheckpointRequest
        {
            Session = Session(arguments),
            CheckpointId = arguments.GetValue(_checkpoint),
            Source = arguments.GetValue(_source) is { } source ? new SessionRef { SessionId = source } : null,
        };
        var answer = await service.Checkpoints.RestoreCheckpointAsync(request, cancellationToken: cancellationToken);
        return await WriteAsync(answer.Session);
    }

    private async Task<int> VerifyAsync(ServiceConnection service, ParseResult arguments, CancellationToken cancellationToken)
    {
        var id = arguments.GetValue(_checkpoint)!;
        var request = new VerifyCheckpointRequest { Session = Session(arguments), CheckpointId = id };
        var answer = await service.Checkpoints.VerifyCheckpointAsync(request, cancellationToken: cancellationToken);
        if (answer.Intact)
        {
            await Console.Out.WriteLineAsync($"{id}\tintact");
            return RemoteCommand.Done;
        }

        await Console.Error.WriteLineAsync($"{id} is damaged: {answer.Finding.ReplaceLineEndings(" ")}");
        return Damaged;
    }

    private async Task<int> DeleteAsync(ServiceConnection service, ParseResult arguments, CancellationToken cancellationToken)
    {
        var request = new DeleteCheckpointRequest { Session = Session(arguments), CheckpointId = arguments.GetValue(_checkpoint) };
        await service.Checkpoints.DeleteCheckpointAsync(request, cancellationToken: cancellationToken);
        return RemoteCommand.Done;
    }

    private async Task<int> ExportAsync(ServiceConnection service, ParseResult arguments, CancellationToken cancellationToken)
    {
        var request = new ExportSessionRequest { Session = Session(arguments), CheckpointId = arguments.GetValue(_exported) ?? "" };
        using var call = service.Checkpoints.ExportSession(request, cancellationToken: cancellationToken);
        var path = arguments.GetValue(_output)!;
        var begin = await ExportedFile.WriteAsync(call.ResponseStream, path, cancellationToken);
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{path}\t{begin.Version}\t{begin.SizeBytes}"));
        return RemoteCommand.Done;
    }

    private async Task<int> ImportAsync(ServiceConnection service, ParseResult arguments, CancellationToken cancellationToken)
    {
        var begin = new ImportBegin { SessionId = arguments.GetValue(_newSession) ?? "" };
        using var call = service.Checkpoints.ImportSession(cancellationToken: cancellationToken);
        return await WriteAsync(await ImportedFile.SendAsync(call, begin, arguments.GetValue(_input)!));
    }

    private SessionRef Session(ParseResult arguments) => new() { SessionId = arguments.GetValue(_session) };

    private static async Task<int> WriteAsync(Checkpoint checkpoint)
    {
        var time = checkpoint.CreateTime?.ToDateTimeOffset().ToString("O", CultureInfo.InvariantCulture);
        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{checkpoint.CheckpointId}\t{checkpoint.Version}\t{checkpoint.Iterations}\t{checkpoint.SizeBytes}\t{time ?? "damaged"}"));
        return RemoteCommand.Done;
    }

    private static async Task<int> WriteAsync(Session session)
    {
        var iterations = session.Groups.Count > 0 ? session.Groups[0].Iterations : 0;
        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{session.SessionId}\t{session.Version}\t{iterations}\t{session.Generation}"));
        return RemoteCommand.Done;
    }
}
