namespace Adam.Client.Internal;

/// <summary>The arguments of one group, to the wire and back. What is null is left out, so that the service fills in Keras's default.</summary>
internal static class GroupMapping
{
    public static V1.AdamConfig ToWire(AdamSettings settings)
    {
        var group = new V1.AdamConfig { ExcludeFromWeightDecay = { settings.ExcludeFromWeightDecay } };
        if (settings.LearningRate is { } rate)
        {
            group.LearningRate = LearningRateMapping.ToWire(rate);
        }

        if (settings.Name is { } name)
        {
            group.Name = name;
        }

        Given.Set(settings.Beta1, value => group.Beta1 = value);
        Given.Set(settings.Beta2, value => group.Beta2 = value);
        Given.Set(settings.Epsilon, value => group.Epsilon = value);
        Given.Set(settings.AmsGrad, value => group.Amsgrad = value);
        Given.Set(settings.WeightDecay, value => group.WeightDecay = value);
        Given.Set(settings.ClipNorm, value => group.Clipnorm = value);
        Given.Set(settings.GlobalClipNorm, value => group.GlobalClipnorm = value);
        Given.Set(settings.ClipValue, value => group.Clipvalue = value);
        Given.Set(settings.UseEma, value => group.UseEma = value);
        Given.Set(settings.EmaMomentum, value => group.EmaMomentum = value);
        Given.Set(settings.EmaOverwriteFrequency, value => group.EmaOverwriteFrequency = value);
        return group;
    }

    public static AdamSettings FromWire(V1.AdamConfig group) => new()
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
        Name = group.HasName ? group.Name : null,
    };

    public static GroupStatus FromWire(V1.GroupStatus status) => new(status.Iterations, status.EffectiveIterations, status.LearningRate);

    public static IReadOnlyList<GroupStatus> FromWire(IEnumerable<V1.GroupStatus> groups) => [.. groups.Select(FromWire)];
}
