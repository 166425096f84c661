namespace Adam.Client.Internal;

/// <summary>Optimizer settings, to the wire and back. What is null is left out, so that the service fills in Keras's default.</summary>
internal static class SettingsMapping
{
    public static V1.OptimizerConfig ToWire(OptimizerSettings settings)
    {
        var config = new V1.OptimizerConfig
        {
            Groups = { settings.Groups.Select(GroupMapping.ToWire) },
            KerasConfigJson = settings.KerasConfigJson ?? "",
        };
        if (settings.LossScale is { } scale)
        {
            config.LossScale = ToWire(scale);
        }

        Given.Set(settings.GradientAccumulationSteps, value => config.GradientAccumulationSteps = value);
        Given.Set(settings.NonFinitePolicy, value => config.NonFinitePolicy = ToWire(value));
        Given.Set(settings.ClipScope, value => config.ClipScope = ToWire(value));
        return config;
    }

    public static OptimizerSettings FromWire(V1.OptimizerConfig? config) => config is null ? new OptimizerSettings() : new OptimizerSettings
    {
        Groups = [.. config.Groups.Select(GroupMapping.FromWire)],
        GradientAccumulationSteps = config.HasGradientAccumulationSteps ? config.GradientAccumulationSteps : null,
        LossScale = FromWire(config.LossScale),
        NonFinitePolicy = config.NonFinitePolicy switch
        {
            V1.NonFinitePolicy.Unspecified => null,
            V1.NonFinitePolicy.Propagate => NonFinitePolicy.Propagate,
            V1.NonFinitePolicy.Skip => NonFinitePolicy.Skip,
            V1.NonFinitePolicy.Reject => NonFinitePolicy.Reject,
            _ => NonFinitePolicy.Unknown,
        },
        ClipScope = config.ClipScope switch
        {
            V1.ClipScope.Unspecified => null,
            V1.ClipScope.Group => ClipScope.Group,
            V1.ClipScope.Session => ClipScope.Session,
            _ => ClipScope.Unknown,
        },
        KerasConfigJson = config.KerasConfigJson.Length > 0 ? config.KerasConfigJson : null,
    };

    private static V1.LossScale ToWire(LossScale scale)
    {
        switch (scale)
        {
            case StaticLossScale fixedScale:
                return new V1.LossScale { StaticFactor = fixedScale.Factor };
            case DynamicLossScale dynamic:
                var wire = new V1.DynamicLossScale();
                Given.Set(dynamic.InitialScale, value => wire.InitialScale = value);
                Given.Set(dynamic.GrowthSteps, value => wire.DynamicGrowthSteps = value);
                if (dynamic.Name is { } name)
                {
                    wire.Name = name;
                }

                return new V1.LossScale { Dynamic = wire };
            default:
                throw new ArgumentOutOfRangeException(nameof(scale), scale, "Not a loss scale of this SDK.");
        }
    }

    private static LossScale? FromWire(V1.LossScale? scale) => scale?.KindCase switch
    {
        V1.LossScale.KindOneofCase.StaticFactor => new StaticLossScale(scale.StaticFactor),
        V1.LossScale.KindOneofCase.Dynamic => new DynamicLossScale(
            scale.Dynamic.HasInitialScale ? scale.Dynamic.InitialScale : null,
            scale.Dynamic.HasDynamicGrowthSteps ? scale.Dynamic.DynamicGrowthSteps : null,
            scale.Dynamic.HasName ? scale.Dynamic.Name : null),
        _ => null,
    };

    private static V1.NonFinitePolicy ToWire(NonFinitePolicy policy) => policy switch
    {
        NonFinitePolicy.Propagate => V1.NonFinitePolicy.Propagate,
        NonFinitePolicy.Skip => V1.NonFinitePolicy.Skip,
        NonFinitePolicy.Reject => V1.NonFinitePolicy.Reject,
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "A session propagates, skips or rejects."),
    };

    private static V1.ClipScope ToWire(ClipScope scope) => scope switch
    {
        ClipScope.Group => V1.ClipScope.Group,
        ClipScope.Session => V1.ClipScope.Session,
        _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, "A global norm is that of a group or of the session."),
    };
}
