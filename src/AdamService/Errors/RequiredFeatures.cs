using Adam.V1;

namespace Adam.Service.Errors;

/// <summary>Features that a client may require. This build has none that are optional.</summary>
internal static class RequiredFeatures
{
    /// <summary>The refusal of a list that is not empty.</summary>
    public static ServiceException Unknown(IEnumerable<string> features)
    {
        var names = string.Join(", ", features);
        return new ServiceException(
            ErrorReason.UnknownFeature,
            $"required_features: this build does not know {names}. Use a newer service, or do without.",
            ("features", names));
    }
}
