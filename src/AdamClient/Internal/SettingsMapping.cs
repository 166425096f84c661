namespace Adam.Client.Internal;

/// <summary>Optimizer settings, to the wire and back. What is null is left out, so that the service fills in Keras's default.</summary>
internal static class SettingsMapping
{
    public static V1.OptimizerConfig ToWire(AdamSettings settings)
    {
        var config = new V1.OptimizerConfig { Groups = { ToGroup(settings) } };
        Set(settings.GradientAccumulationSteps, value => config.GradientAccumulationSteps = value);
        Set(settings.LossScaleFactor, value => config.LossScale = new V1.LossScale { StaticFactor = value });
        return config;
    }

    public static AdamSettings FromWire(V1.OptimizerConfig? config)
    {
        // The service gives every session that this SDK can make exactly one group; lists may leave it out.
        var group = config?.Groups.FirstOrDefault() ?? new V1.AdamConfig();
        return new AdamSettings
        {
            LearningRate = LearningRateMapping.FromWire(group.LearningRate),
            Beta1 = group.HasBeta1 ? group.Beta1 : null,
            Beta2 = group.HasBeta2 ? group.Beta2 : null,
            Epsilon = group.HasEpsilon ? group.Epsilon : null,
            AmsGrad = group.HasAmsgrad ? group.Amsgrad : null,
            WeightDecay = group.HasWeightDecay ? group.WeightDecay : null,
            ClipNorm = group.HasClipnorm ? group.Clipnorm : null,
            GlobalClipNorm = group.HasGlobalClipnorm ? group.GlobalClipnorm : null,
            ClipValue = group.HasClipvalue ? group.Clipvalue : null,
            UseEma = group.HasUseEma ? group.UseEma : null,
            EmaMomentum = group.HasEmaMomentum ? group.EmaMomentum : null,
            EmaOverwriteFrequency = group.HasEmaOverwriteFrequency ? group.EmaOverwriteFrequency : null,
            ExcludeFromWeightDecay = [.. group.ExcludeFromWeightDecay],
            GradientAccumulationSteps = config is { HasGradientAccumulationSteps: true } ? config.GradientAccumulationSteps : null,
            LossScaleFactor = config?.LossScale?.KindCase == V1.LossScale.KindOneofCase.StaticFactor ? config.LossScale.StaticFactor : null,
        };
    }

    private static V1.AdamConfig ToGroup(AdamSettings settings)
    {
        var group = new V1.AdamConfig { ExcludeFromWeightDecay = { settings.ExcludeFromWeightDecay } };
        if (settings.LearningRate is { } rate)
        {
            group.LearningRate = LearningRateMapping.ToWire(rate);
        }

        Set(settings.Beta1, value => group.Beta1 = value);
        Set(settings.Beta2, value => group.Beta2 = value);
        Set(settings.Epsilon, value => group.Epsilon = value);
        Set(settings.AmsGrad, value => group.Amsgrad = value);
        Set(settings.WeightDecay, value => group.WeightDecay = value);
        Set(settings.ClipNorm, value => group.Clipnorm = value);
        Set(settings.GlobalClipNorm, value => group.GlobalClipnorm = value);
        Set(settings.ClipValue, value => group.Clipvalue = value);
        Set(settings.UseEma, value => group.UseEma = value);
        Set(settings.EmaMomentum, value => group.EmaMomentum = value);
        Set(settings.EmaOverwriteFrequency, value => group.EmaOverwriteFrequency = value);
        return group;
    }

    private static void Set<T>(T? value, Action<T> set)
        where T : struct
    {
        if (value is { } given)
        {
            set(given);
        }
    }
}
