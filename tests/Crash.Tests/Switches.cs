using System.Globalization;

namespace Adam.Crash.Tests;

/// <summary>Numbers that the environment may set, for runs that are longer than those of every change.</summary>
internal static class Switches
{
    /// <summary>A number.</summary>
    /// <param name="variable">The variable.</param>
    /// <param name="otherwise">What it is where nobody says.</param>
    public static int Read(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
