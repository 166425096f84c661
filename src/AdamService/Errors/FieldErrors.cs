using Adam.V1;

namespace Adam.Service.Errors;

/// <summary>Collects what is wrong with a request, so that the caller hears of everything at once.</summary>
internal sealed class FieldErrors
{
    private const int ListedMax = 20;

    private readonly List<(string Field, string Message)> _errors = [];

    /// <summary>True while nothing was found.</summary>
    public bool IsEmpty => _errors.Count == 0;

    /// <summary>Notes that <paramref name="field"/> (spelled as in the .proto, for example <c>tensors[3].shape</c>) is wrong.</summary>
    public void Add(string field, string message) => _errors.Add((field, message));

    /// <summary>Throws if anything was noted.</summary>
    /// <exception cref="ServiceException">With every field that is wrong; long lists are cut with a count.</exception>
    public void ThrowIfAny(ErrorReason reason)
    {
        if (_errors.Count == 0)
        {
            return;
        }

        var listed = _errors.Take(ListedMax).Select(error => $"{error.Field}: {error.Message}");
        var message = string.Join(" | ", listed);
        if (_errors.Count > ListedMax)
        {
            message += $" | … and {_errors.Count - ListedMax} more";
        }

        throw new ServiceException(reason, message, ("fields", string.Join(",", _errors.Select(error => error.Field))));
    }
}
