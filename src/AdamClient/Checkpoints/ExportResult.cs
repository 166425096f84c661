namespace Adam.Client;

/// <summary>A file that was exported.</summary>
/// <param name="Version">The session's version in it.</param>
/// <param name="SizeBytes">Its length in bytes.</param>
public sealed record ExportResult(ulong Version, long SizeBytes);
