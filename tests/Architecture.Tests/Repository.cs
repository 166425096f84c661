using System.Reflection;

namespace Adam.Architecture.Tests;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>Its folder.</summary>
    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>A file or folder in it, by its path with slashes.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);
}
