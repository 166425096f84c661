namespace Adam.Engine;

/// <summary>Checks the variables that an optimizer is to be built for.</summary>
public static class VariableSpecValidator
{
    /// <summary>Checks a list of variables. An empty list is fine, as in Keras.</summary>
    /// <param name="variables">The variables in their order, which is their identity.</param>
    /// <returns>Every error, with fields such as <c>variables[2].shape</c>; empty when there is none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="variables"/> is null.</exception>
    public static IReadOnlyList<OptionError> Validate(IReadOnlyList<VariableSpec> variables)
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
            CheckShape(variable, i, errors);
            CheckType(variable, i, errors);
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

    private static void CheckShape(VariableSpec variable, int index, List<OptionError> errors)
    {
        string field = $"variables[{index}].shape";
        if (variable.Shape.IsDefault)
        {
            errors.Add(new OptionError(field, $"The variable '{variable.Path}' has no shape; a scalar has an empty one."));
            return;
        }

        string shape = $"[{string.Join(", ", variable.Shape)}]";
        if (variable.Shape.Any(dimension => dimension < 0))
        {
            errors.Add(new OptionError(field, $"The shape {shape} of the variable '{variable.Path}' has a negative dimension."));
            return;
        }

        try
        {
            if (variable.ElementCount > Array.MaxLength)
            {
                errors.Add(new OptionError(
                    field,
                    $"The shape {shape} of the variable '{variable.Path}' has {variable.ElementCount} elements; "
                    + $"more than {Array.MaxLength} are not supported yet."));
            }
        }
        catch (OverflowException)
        {
            errors.Add(new OptionError(
                field,
                $"The shape {shape} of the variable '{variable.Path}' has more elements than a 64-bit count can hold."));
        }
    }

    private static void CheckType(VariableSpec variable, int index, List<OptionError> errors)
    {
        string field = $"variables[{index}].dtype";
        if (variable.DType == TensorDType.Float16)
        {
            errors.Add(new OptionError(field, $"The variable '{variable.Path}' is float16, which is not supported yet; use float32."));
        }
        else if (variable.DType != TensorDType.Float32)
        {
            errors.Add(new OptionError(field, $"The variable '{variable.Path}' has an unknown element type ({(int)variable.DType})."));
        }
    }
}
