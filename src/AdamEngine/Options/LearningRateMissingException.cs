using System.Globalization;

namespace Adam.Engine;

/// <summary>A group takes its learning rate from every step, and a step brought none. Nothing was changed.</summary>
public sealed class LearningRateMissingException : ArgumentException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="group">The group.</param>
    public LearningRateMissingException(int group)
        : base(string.Create(
            CultureInfo.InvariantCulture, $"Group {group} takes its learning rate from every step, and this step brought none; nothing was changed."))
    {
        Group = group;
    }

    /// <summary>The group.</summary>
    public int Group { get; }
}
