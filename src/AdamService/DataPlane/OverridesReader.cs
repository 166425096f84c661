using System.Globalization;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>Reads the numbers that a batch has for itself alone.</summary>
internal static class OverridesReader
{
    private const string GroupsField = "begin.overrides.groups";

    /// <summary>Reads them.</summary>
    /// <returns>One entry for each group; empty if nothing is overridden.</returns>
    /// <exception cref="ServiceException">INVALID_FIELD: a group is not there, or is named twice.</exception>
    public static Engine.StepOverrides[] Read(StepOverrides? wire, SessionDefinition session)
    {
        if (wire is null)
        {
            return [];
        }

        var all = new Engine.StepOverrides(
            wire.HasLearningRate ? wire.LearningRate : null, wire.HasBeta1 ? wire.Beta1 : null, wire.HasBeta2 ? wire.Beta2 : null);
        var overrides = Enumerable.Repeat(all, session.Options.Groups.Length).ToArray();
        var seen = new HashSet<uint>();
        foreach (var group in wire.Groups)
        {
            if (group.Group >= overrides.Length || !seen.Add(group.Group))
            {
                throw new ServiceException(
                    ErrorReason.InvalidField,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{GroupsField}: name each group once, 0 to {overrides.Length - 1}; received {group.Group}."),
                    ("fields", GroupsField));
            }

            overrides[group.Group] = new Engine.StepOverrides(
                group.HasLearningRate ? group.LearningRate : all.LearningRate,
                group.HasBeta1 ? group.Beta1 : all.Beta1,
                group.HasBeta2 ? group.Beta2 : all.Beta2);
        }

        return overrides;
    }
}
