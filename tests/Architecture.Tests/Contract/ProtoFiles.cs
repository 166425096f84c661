namespace Adam.Architecture.Tests.Contract;

/// <summary>The .proto files of the repository.</summary>
internal static class ProtoFiles
{
    /// <summary>Their paths below <c>proto/</c>, with slashes.</summary>
    public static IEnumerable<string> All => Directory
        .EnumerateFiles(Repository.PathOf("proto"), "*.proto", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Repository.PathOf("proto"), path).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);
}
