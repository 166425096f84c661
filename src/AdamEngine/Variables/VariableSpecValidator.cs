using Adam.Engine.Step;

namespace Adam.Engine;

/// <summary>Checks the variables that an optimizer is to be built for.</summary>
public static class VariableSpecValidator
{
    /// <summary>Checks a list of variables. An empty list is fine, as in Keras.</summary>
    /// <param name="variables">The variables in their order, which is their identity.</param>
    /// <param name="groupCount">How many groups the optimizer has. Default 1.</param>
    /// <returns>Every error, with fields such as <c>variables[2].shape</c>; empty when there is none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="variables"/> is null.</exception>
    public static IReadOnlyList<OptionError> Validate(IReadOnlyList<VariableSpec> variables, int groupCount = 1)
    {
        ArgumentNullException.ThrowIfNull(variables);
        var errors = new List<OptionError>();
        var indexByPath = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < variables.Count; i++)
        {
            if (variables[i] is not { } variable)
            {
                errors.Add(new OptionError($"variables[{i}]", "A variable is missing (null)."));
                continue;
            }

            CheckPath(variable.Path, i, indexByPath, errors);
            bool hasShape = CheckShape(variable, i, errors);
            CheckType(variable, i, errors);
            CheckGroup(variable, i, groupCount, errors);
            CheckConstraint(variable, i, hasShape, errors);
            CheckRows(variable, i, errors);
        }

        return errors;
    }

    private static void CheckPath(string? path, int index, Dictionary<string, int> indexByPath, List<OptionError> errors)
    {
        string field = $"variables[{index}].path";
        if (string.IsNullOrEmpty(path))
        {
            errors.Add(new OptionError(field, "A variable needs a path."));
        }
        else if (!indexByPath.TryAdd(path, index))
        {
            errors.Add(new OptionError(
                field,
                $"The path '{path}' is already that of variables[{indexByPath[path]}]; paths must be unique."));
        }
    }

    private static bool CheckShape(VariableSpec variable, int index, List<OptionError> errors)
    {
        string field = $"variables[{index}].shape";
        if (variable.Shape.IsDefault)
        {
            errors.Add(new OptionError(field, $"The variable '{variable.Path}' has no shape; a scalar has an empty one."));
            return false;
        }

        string shape = $"[{string.Join(", ", variable.Shape)}]";
        if (variable.Shape.Any(dimension => dimension < 0))
        {
            errors.Add(new OptionError(field, $"The shape {shape} of the variable '{variable.Path}' has a negative dimension."));
            return false;
        }

        try
        {
            _ = checked(variable.ElementCount * sizeof(double));
            return true;
        }
        catch (OverflowException)
        {
            errors.Add(new OptionError(
                field,
                $"The shape {shape} of the variable '{variable.Path}' has more bytes than a 64-bit count can hold."));
            return false;
        }
    }

    private static void CheckType(VariableSpec variable, int index, List<OptionError> errors)
    {
        if (variable.DType is not (TensorDType.Float32 or TensorDType.Float16))
        {
            errors.Add(new OptionError(
                $"variables[{index}].dtype", $"The variable '{variable.Path}' is {variable.DType}; variables are float32 or float16."));
        }

        if (variable.GradientDType is not (null or TensorDType.Float32 or TensorDType.Float16))
        {
            errors.Add(new OptionError(
                $"variables[{index}].gradient_dtype",
                $"The gradients of the variable '{variable.Path}' are {variable.GradientDType}; they are float32 or float16. (They may "
                + "be sent as bfloat16 all the same: that is an encoding.)"));
        }
    }

    private static void CheckGroup(VariableSpec variable, int index, int groupCount, List<OptionError> errors)
    {
        if (variable.Group < 0 || variable.Group >= groupCount)
        {
            errors.Add(new OptionError(
                $"variables[{index}].group",
                $"The variable '{variable.Path}' is of group {variable.Group}, but there are {groupCount} groups, 0 to {groupCount - 1}."));
        }

        if (!Enum.IsDefined(variable.Role))
        {
            errors.Add(new OptionError($"variables[{index}].role", $"The variable '{variable.Path}' has an unknown role ({(int)variable.Role})."));
        }
    }

    private static void CheckRows(VariableSpec variable, int index, List<OptionError> errors)
    {
        string field = $"variables[{index}].row_updates";
        if (!Enum.IsDefined(variable.RowUpdates))
        {
            errors.Add(new OptionError(field, $"The variable '{variable.Path}' has unknown row updates ({(int)variable.RowUpdates})."));
        }

        if (variable.RowUpdates != RowUpdates.Lazy || variable.Shape.IsDefault)
        {
            return;
        }

        if (variable.Role != VariableRole.Trainable)
        {
            errors.Add(new OptionError(field, $"The variable '{variable.Path}' is not trainable, so none of its rows is updated; leave it out."));
        }

        if (variable.Shape.Length == 0)
        {
            errors.Add(new OptionError(field, $"The variable '{variable.Path}' is a scalar and has no rows; leave it out."));
        }
        else if (variable.RowCount > RowSums.RowsMax)
        {
            errors.Add(new OptionError(
                field, $"The variable '{variable.Path}' has {variable.RowCount} rows; lazy rows are at most {RowSums.RowsMax}."));
        }

        if (variable.Constraint is MaxNormConstraint { Axis: var axis } && (axis == 0 || axis == -variable.Shape.Length))
        {
            errors.Add(new OptionError(
                field,
                $"The variable '{variable.Path}' has MaxNorm along axis 0, whose norms run across all rows; lazy rows change alone. Use another axis "
                + "or dense rows."));
        }
    }

    private static void CheckConstraint(VariableSpec variable, int index, bool hasShape, List<OptionError> errors)
    {
        string field = $"variables[{index}].constraint";
        if (variable.Constraint is not null && variable.Role != VariableRole.Trainable)
        {
            errors.Add(new OptionError(
                field, $"The variable '{variable.Path}' is not trainable, so no step would apply its constraint; leave it out."));
        }

        if (variable.Constraint is not MaxNormConstraint { Axis: var axis } || variable.Shape.IsDefault)
        {
            return;
        }

        if (axis < -variable.Shape.Length || axis >= variable.Shape.Length)
        {
            errors.Add(new OptionError(
                field, $"The variable '{variable.Path}' has {variable.Shape.Length} axes; MaxNorm along axis {axis} is not possible."));
        }
        else if (hasShape && MaxNormPass.ColumnCount(variable) is var columns && columns > Array.MaxLength)
        {
            errors.Add(new OptionError(
                field,
                $"MaxNorm along axis {axis} of the variable '{variable.Path}' has {columns} norms side by side; there may be {Array.MaxLength}. Use a later "
                + "axis."));
        }
    }
}
