using System.Collections.Immutable;
using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Errors;
using Adam.V1;

namespace Adam.Service.ControlPlane;

/// <summary>Optimizer settings of the contract and of the engine. A session has one group until more are implemented.</summary>
internal static class OptimizerMapping
{
    /// <summary>Where the settings of the one group stand, for messages.</summary>
    public const string GroupField = "optimizer.groups[0]";

    /// <summary>Reads the settings; what is left out has Keras's default.</summary>
    /// <exception cref="ServiceException">NOT_IMPLEMENTED: something is set that this build does not have.</exception>
    public static AdamOptions Read(OptimizerConfig? optimizer, FieldErrors errors)
    {
        if (optimizer is null)
        {
            return new AdamOptions();
        }

        ThrowIfNotImplemented(optimizer);
        if (optimizer.LossScale is { KindCase: LossScale.KindOneofCase.None })
        {
            errors.Add("optimizer.loss_scale", "say which: static_factor, or leave loss_scale out.");
        }

        var defaults = new AdamOptions();
        var group = optimizer.Groups.Count > 0 ? optimizer.Groups[0] : new AdamConfig();
        return new AdamOptions
        {
            LearningRate = LearningRateMapping.Read(group.LearningRate, $"{GroupField}.learning_rate", errors) ?? defaults.LearningRate,
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
                ? ReadCount(group.EmaOverwriteFrequency, $"{GroupField}.ema_overwrite_frequency", errors)
                : null,
            LossScaleFactor = optimizer.LossScale?.KindCase == LossScale.KindOneofCase.StaticFactor ? optimizer.LossScale.StaticFactor : null,
            GradientAccumulationSteps = optimizer.HasGradientAccumulationSteps
                ? ReadCount(optimizer.GradientAccumulationSteps, "optimizer.gradient_accumulation_steps", errors)
                : null,
        };
    }

    /// <summary>Writes the settings with every default filled in.</summary>
    /// <param name="options">The engine's settings.</param>
    /// <param name="decayExclusions">The patterns of the group, as they were given.</param>
    public static OptimizerConfig Write(AdamOptions options, IEnumerable<string> decayExclusions)
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

        var config = new OptimizerConfig
        {
            Groups = { group },
            UpdateRule = UpdateRule.KerasAdam,
            NonFinitePolicy = NonFinitePolicy.Propagate,
            ClipScope = ClipScope.Group,
        };
        if (options.GradientAccumulationSteps is { } steps)
        {
            config.GradientAccumulationSteps = steps;
        }

        if (options.LossScaleFactor is { } factor)
        {
            config.LossScale = new LossScale { StaticFactor = factor };
        }

        return config;
    }

    /// <summary>The field of the contract that one of the engine's names means.</summary>
    public static string FieldOf(OptionError error) => error.Field switch
    {
        "gradient_accumulation_steps" => "optimizer.gradient_accumulation_steps",
        _ => $"{GroupField}.{error.Field}",
    };

    // Null where the count was left out, which is also what 0 stands for.
    private static int? ReadCount(long value, string field, FieldErrors errors)
    {
        if (value == 0)
        {
            return null;
        }

        if (value is < int.MinValue or > int.MaxValue)
        {
            errors.Add(field, $"expected at most {int.MaxValue}, received {value}.");
            return null;
        }

        return (int)value;
    }

    private static void ThrowIfNotImplemented(OptimizerConfig optimizer)
    {
        if (optimizer.Groups.Count > 1)
        {
            throw NotImplemented.Field("optimizer.groups with more than one entry", "Make a session for each group.");
        }

        if (optimizer.KerasConfigJson.Length > 0)
        {
            throw NotImplemented.Field("optimizer.keras_config_json", "Set the typed fields instead.");
        }

        if (optimizer.LossScale?.KindCase == LossScale.KindOneofCase.Dynamic)
        {
            throw NotImplemented.Field("optimizer.loss_scale.dynamic", "Use static_factor, or scale in the trainer.");
        }

        KnownEnum.ThrowIfUnknown(optimizer.UpdateRule, "optimizer.update_rule");
        KnownEnum.ThrowIfUnknown(optimizer.NonFinitePolicy, "optimizer.non_finite_policy");
        KnownEnum.ThrowIfUnknown(optimizer.ClipScope, "optimizer.clip_scope");
        if (optimizer.UpdateRule is not (UpdateRule.Unspecified or UpdateRule.KerasAdam))
        {
            throw NotImplemented.Field($"optimizer.update_rule = {WireName.Of(optimizer.UpdateRule)}", "Use UPDATE_RULE_KERAS_ADAM.");
        }

        if (optimizer.NonFinitePolicy is not (NonFinitePolicy.Unspecified or NonFinitePolicy.Propagate))
        {
            throw NotImplemented.Field(
                $"optimizer.non_finite_policy = {WireName.Of(optimizer.NonFinitePolicy)}", "Use NON_FINITE_POLICY_PROPAGATE, as Keras does.");
        }

        if (optimizer.ClipScope is not (ClipScope.Unspecified or ClipScope.Group))
        {
            throw NotImplemented.Field($"optimizer.clip_scope = {WireName.Of(optimizer.ClipScope)}", "Use CLIP_SCOPE_GROUP, as Keras does.");
        }
    }
}
