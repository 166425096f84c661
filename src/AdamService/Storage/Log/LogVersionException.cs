namespace Adam.Service.Storage.Log;

/// <summary>The log is of a version that this build does not know. Nothing was changed.</summary>
/// <param name="version">The version.</param>
internal sealed class LogVersionException(uint version) : IOException(
    $"The log is of format version {version}, and this build knows version {LogFormat.Version}. Start the build that has written it, or a later one.");
