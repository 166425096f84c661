using System.Collections.Immutable;
using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Errors;
using Adam.V1;

namespace Adam.Service.ControlPlane;

/// <summary>Optimizer settings of the contract and of the engine.</summary>
internal static class OptimizerMapping
{
    // Every group is repeated in every description of its session, which must fit into a message.
    private const int GroupsMax = 1000;

    /// <summary>Reads the settings; what is left out has Keras's default.</summary>
    /// <exception cref="ServiceException">NOT_IMPLEMENTED: something is set that this build does not have.</exception>
    public static OptimizerOptions Read(OptimizerConfig? optimizer, FieldErrors errors)
    {
        if (optimizer is null)
        {
            return new OptimizerOptions();
        }

        ThrowIfNotImplemented(optimizer);
        var options = optimizer.KerasConfigJson.Length > 0 ? ReadKeras(optimizer, errors) : ReadTyped(optimizer, errors);
        return options with
        {
            NonFinitePolicy = optimizer.NonFinitePolicy switch
            {
                V1.NonFinitePolicy.Skip => Engine.NonFinitePolicy.Skip,
                V1.NonFinitePolicy.Reject => Engine.NonFinitePolicy.Reject,
                _ => Engine.NonFinitePolicy.Propagate,
            },
        };
    }

    /// <summary>Writes the settings with every default filled in.</summary>
    /// <param name="options">The engine's settings.</param>
    /// <param name="decayExclusions">The patterns of each group, as they were given.</param>
    public static OptimizerConfig Write(OptimizerOptions options, IReadOnlyList<IReadOnlyList<string>> decayExclusions)
    {
        var config = new OptimizerConfig
        {
            Groups = { options.Groups.Select((group, index) => GroupMapping.Write(group, decayExclusions[index])) },
            UpdateRule = UpdateRule.KerasAdam,
            NonFinitePolicy = options.NonFinitePolicy switch
            {
                Engine.NonFinitePolicy.Skip => V1.NonFinitePolicy.Skip,
                Engine.NonFinitePolicy.Reject => V1.NonFinitePolicy.Reject,
                _ => V1.NonFinitePolicy.Propagate,
            },
            ClipScope = options.ClipScope == Engine.ClipScope.Session ? V1.ClipScope.Session : V1.ClipScope.Group,
        };
        if (options.Groups[0].GradientAccumulationSteps is { } steps)
        {
            config.GradientAccumulationSteps = steps;
        }

        if (options.Groups[0].LossScaleFactor is { } factor)
        {
            config.LossScale = new LossScale { StaticFactor = factor };
        }
        else if (options.DynamicLossScale is { } dynamic)
        {
            config.LossScale = new LossScale
            {
                Dynamic = new V1.DynamicLossScale
                {
                    InitialScale = dynamic.InitialScale,
                    DynamicGrowthSteps = dynamic.GrowthSteps,
                    Name = dynamic.Name,
                },
            };
        }

        return config;
    }

    /// <summary>The field of the contract that one of the engine's names means.</summary>
    public static string FieldOf(OptionError error)
    {
        var field = error.Field.Replace("dynamic_loss_scale", "loss_scale.dynamic", StringComparison.Ordinal);

        // What is one for the session is an argument of every group in the engine.
        foreach (var shared in new[] { "gradient_accumulation_steps", "loss_scale_factor" })
        {
            if (field.EndsWith(shared, StringComparison.Ordinal))
            {
                field = shared == "loss_scale_factor" ? "loss_scale.static_factor" : shared;
            }
        }

        return $"optimizer.{field}";
    }

    private static OptimizerOptions ReadTyped(OptimizerConfig optimizer, FieldErrors errors)
    {
        if (optimizer.LossScale is { KindCase: LossScale.KindOneofCase.None })
        {
            errors.Add("optimizer.loss_scale", "say which: static_factor, dynamic, or leave loss_scale out.");
        }

        if (optimizer.Groups.Count > GroupsMax)
        {
            errors.Add("optimizer.groups", $"expected at most {GroupsMax}, received {optimizer.Groups.Count}.");
            return new OptimizerOptions();
        }

        var factor = optimizer.LossScale?.KindCase == LossScale.KindOneofCase.StaticFactor ? optimizer.LossScale.StaticFactor : (double?)null;
        var steps = optimizer.HasGradientAccumulationSteps
            ? CountReader.Read(optimizer.GradientAccumulationSteps, "optimizer.gradient_accumulation_steps", errors)
            : null;
        IEnumerable<AdamConfig> groups = optimizer.Groups.Count > 0 ? optimizer.Groups : [new AdamConfig()];
        return new OptimizerOptions
        {
            Groups =
            [
                .. groups.Select((group, index) => GroupMapping.Read(group, $"optimizer.groups[{index}]", errors) with
                {
                    LossScaleFactor = factor,
                    GradientAccumulationSteps = steps,
                }),
            ],
            DynamicLossScale = optimizer.LossScale?.Dynamic is { } dynamic ? ReadDynamic(dynamic) : null,
            ClipScope = optimizer.ClipScope == V1.ClipScope.Session ? Engine.ClipScope.Session : Engine.ClipScope.Group,
        };
    }

    private static Engine.DynamicLossScale ReadDynamic(V1.DynamicLossScale dynamic)
    {
        var defaults = new Engine.DynamicLossScale();
        return new Engine.DynamicLossScale(
            dynamic.HasInitialScale ? dynamic.InitialScale : defaults.InitialScale,
            dynamic.HasDynamicGrowthSteps ? dynamic.DynamicGrowthSteps : defaults.GrowthSteps,
            dynamic.HasName ? dynamic.Name : defaults.Name);
    }

    private static OptimizerOptions ReadKeras(OptimizerConfig optimizer, FieldErrors errors)
    {
        const string Field = "optimizer.keras_config_json";
        if (optimizer.Groups.Count > 0
            || optimizer.HasGradientAccumulationSteps
            || optimizer.LossScale is not null
            || optimizer.ClipScope != V1.ClipScope.Unspecified)
        {
            errors.Add(
                Field,
                "it takes the place of groups, gradient_accumulation_steps, loss_scale and clip_scope; set either. Exclude tensors from weight "
                + "decay one by one, with exclude_from_weight_decay of the tensor.");
            return new OptimizerOptions();
        }

        try
        {
            return KerasOptimizerJson.Import(optimizer.KerasConfigJson);
        }
        catch (KerasConfigException refused)
        {
            foreach (var error in refused.Errors)
            {
                errors.Add(error.Field.Length > 0 ? $"{Field}: {error.Field}" : Field, error.Message);
            }

            return new OptimizerOptions();
        }
    }

    private static void ThrowIfNotImplemented(OptimizerConfig optimizer)
    {
        KnownEnum.ThrowIfUnknown(optimizer.UpdateRule, "optimizer.update_rule");
        KnownEnum.ThrowIfUnknown(optimizer.NonFinitePolicy, "optimizer.non_finite_policy");
        KnownEnum.ThrowIfUnknown(optimizer.ClipScope, "optimizer.clip_scope");
        if (optimizer.UpdateRule is not (UpdateRule.Unspecified or UpdateRule.KerasAdam))
        {
            throw NotImplemented.Field($"optimizer.update_rule = {WireName.Of(optimizer.UpdateRule)}", "Use UPDATE_RULE_KERAS_ADAM.");
        }
    }
}
