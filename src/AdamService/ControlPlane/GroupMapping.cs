using Adam.Engine;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.ControlPlane;

/// <summary>The settings of one group, of the contract and of the engine.</summary>
internal static class GroupMapping
{
    /// <summary>Reads a group; what is left out has Keras's default.</summary>
    public static AdamOptions Read(AdamConfig group, string field, FieldErrors errors)
    {
        var defaults = new AdamOptions();
        return new AdamOptions
        {
            LearningRate = LearningRateMapping.Read(group.LearningRate, $"{field}.learning_rate", errors) ?? defaults.LearningRate,
            Beta1 = group.HasBeta1 ? group.Beta1 : defaults.Beta1,
            Beta2 = group.HasBeta2 ? group.Beta2 : defaults.Beta2,
            Epsilon = group.HasEpsilon ? group.Epsilon : defaults.Epsilon,
            AmsGrad = group.Amsgrad,
            WeightDecay = group.HasWeightDecay ? group.WeightDecay : null,
            ClipNorm = group.HasClipnorm ? group.Clipnorm : null,
            GlobalClipNorm = group.HasGlobalClipnorm ? group.GlobalClipnorm : null,
            ClipValue = group.HasClipvalue ? group.Clipvalue : null,
            UseEma = group.UseEma,
            Name = group.HasName ? group.Name : defaults.Name,
            EmaMomentum = group.HasEmaMomentum ? group.EmaMomentum : defaults.EmaMomentum,
            EmaOverwriteFrequency = group.HasEmaOverwriteFrequency
                ? CountReader.Read(group.EmaOverwriteFrequency, $"{field}.ema_overwrite_frequency", errors)
                : null,
        };
    }

    /// <summary>Writes a group with every default filled in.</summary>
    /// <param name="options">The engine's settings.</param>
    /// <param name="decayExclusions">The patterns of the group, as they were given.</param>
    public static AdamConfig Write(AdamOptions options, IEnumerable<string> decayExclusions)
    {
        var group = new AdamConfig
        {
            LearningRate = LearningRateMapping.Write(options.LearningRate),
            Beta1 = options.Beta1,
            Beta2 = options.Beta2,
            Epsilon = options.Epsilon,
            Amsgrad = options.AmsGrad,
            UseEma = options.UseEma,
            EmaMomentum = options.EmaMomentum,
            Name = options.Name,
            ExcludeFromWeightDecay = { decayExclusions },
        };
        if (options.WeightDecay is { } weightDecay)
        {
            group.WeightDecay = weightDecay;
        }

        if (options.ClipNorm is { } clipNorm)
        {
            group.Clipnorm = clipNorm;
        }

        if (options.GlobalClipNorm is { } globalClipNorm)
        {
            group.GlobalClipnorm = globalClipNorm;
        }

        if (options.ClipValue is { } clipValue)
        {
            group.Clipvalue = clipValue;
        }

        if (options.EmaOverwriteFrequency is { } frequency)
        {
            group.EmaOverwriteFrequency = frequency;
        }

        return group;
    }
}
