using System.Reflection;

namespace Adam.Samples.DigitsTraining.Service;

/// <summary>Finds the service that was built together with this program.</summary>
internal static class ServiceLocation
{
    /// <summary>The environment variable that names another one.</summary>
    public const string Variable = "ADAM_SERVICE_DLL";

    private const string MetadataKey = "AdamServiceDll";

    /// <summary>The path of <c>AdamService.dll</c>: the given one, else that of the environment, else the one of the build.</summary>
    /// <exception cref="ServiceStartException">There is no such file.</exception>
    public static string Find(string? given = null)
    {
        var path = FirstGiven(given, Environment.GetEnvironmentVariable(Variable), BuiltTogether());
        return File.Exists(path)
            ? path
            : throw new ServiceStartException(
                $"The service is not at '{path}'. Build src/AdamService, or name its AdamService.dll with --service-dll or {Variable}.");
    }

    private static string FirstGiven(params string?[] paths) => paths.FirstOrDefault(path => !string.IsNullOrEmpty(path)) ?? "";

    private static string? BuiltTogether() => typeof(ServiceLocation).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(attribute => attribute.Key == MetadataKey)?.Value;
}
