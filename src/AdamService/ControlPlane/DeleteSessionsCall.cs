using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.ControlPlane;

/// <summary><c>Sessions.DeleteSessions</c>: ends every session that has certain labels.</summary>
internal sealed class DeleteSessionsCall(SessionRegistry sessions, ILogger<DeleteSessionsCall> logger)
{
    public async Task<DeleteSessionsResponse> RunAsync(DeleteSessionsRequest request, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        if (request.Labels.Count == 0)
        {
            errors.Add("labels", "say at least one: without labels this would end every session.");
        }

        var labels = LabelReader.Read(request.Labels, "labels", errors);
        errors.ThrowIfAny(ErrorReason.InvalidField);

        var response = new DeleteSessionsResponse();
        foreach (var session in sessions.All)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Looked at and ended in one turn: labels that change meanwhile count before it or not at all.
            if (await sessions.TryRemoveAsync(session, core => LabelReader.Contains(core.Labels, labels)))
            {
                SessionsLog.Deleted(logger, session.Definition.SessionId);
                response.Deleted++;
            }
        }

        return response;
    }
}
