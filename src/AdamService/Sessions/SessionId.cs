using System.Text.RegularExpressions;

namespace Adam.Service.Sessions;

/// <summary>The form of session and worker ids.</summary>
internal static partial class SessionId
{
    /// <summary>The form as it stands in messages and in the contract.</summary>
    public const string Form = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$";

    /// <summary>True if <paramref name="id"/> has the form.</summary>
    public static bool IsValid(string id) => Pattern().IsMatch(id);

    // \z, because $ also matches before a newline at the end.
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
