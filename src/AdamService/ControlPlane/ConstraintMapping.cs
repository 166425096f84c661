using Adam.Engine;
using Adam.Service.Errors;
using Adam.V1;

namespace Adam.Service.ControlPlane;

/// <summary>Constraints of the contract and of the engine.</summary>
internal static class ConstraintMapping
{
    /// <summary>Reads a constraint; what is left out has Keras's default.</summary>
    /// <returns>Null if there is none, or if it does not say which.</returns>
    public static VariableConstraint? Read(Constraint? constraint, string field, FieldErrors errors)
    {
        switch (constraint?.RuleCase)
        {
            case null:
                return null;
            case Constraint.RuleOneofCase.NonNeg:
                return new Engine.NonNegConstraint();
            case Constraint.RuleOneofCase.MaxNorm:
                var defaults = new Engine.MaxNormConstraint();
                return new Engine.MaxNormConstraint(
                    constraint.MaxNorm.HasMaxValue ? constraint.MaxNorm.MaxValue : defaults.MaxValue,
                    constraint.MaxNorm.HasAxis ? constraint.MaxNorm.Axis : defaults.Axis);
            default:
                errors.Add(field, "say which: non_neg or max_norm.");
                return null;
        }
    }

    /// <summary>A constraint with every default filled in.</summary>
    public static Constraint? Normalise(Constraint? constraint)
    {
        if (constraint?.MaxNorm is not { } maxNorm)
        {
            return constraint?.Clone();
        }

        var defaults = new Engine.MaxNormConstraint();
        return new Constraint
        {
            MaxNorm = new V1.MaxNormConstraint
            {
                MaxValue = maxNorm.HasMaxValue ? maxNorm.MaxValue : defaults.MaxValue,
                Axis = maxNorm.HasAxis ? maxNorm.Axis : defaults.Axis,
            },
        };
    }
}
