using Adam.Service.Errors;
using Adam.V1;

namespace Adam.Service.Sessions;

/// <summary>The form of worker ids, which is that of session ids.</summary>
internal static class WorkerId
{
    /// <summary>Refuses an id that has not the form.</summary>
    public static void ThrowIfInvalid(string workerId, string field)
    {
        if (!SessionId.IsValid(workerId))
        {
            throw new ServiceException(
                ErrorReason.InvalidField,
                $"{field}: expected {SessionId.Form}, received '{workerId}'. Batches are numbered by worker, so each trainer needs an id of its own.",
                ("fields", field));
        }
    }
}
