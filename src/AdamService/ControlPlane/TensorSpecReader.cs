using System.Collections.Immutable;
using System.Text;
using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.V1;

namespace Adam.Service.ControlPlane;

/// <summary>Reads the tensors of a new session.</summary>
internal static class TensorSpecReader
{
    private const int NameBytesMax = 256;
    private const int RankMax = 8;

    /// <summary>Reads all tensors; what is wrong is noted under its field, for example <c>tensors[3].shape</c>.</summary>
    /// <exception cref="ServiceException">NOT_IMPLEMENTED or LIMIT_EXCEEDED.</exception>
    public static ImmutableArray<VariableSpec> Read(IReadOnlyList<TensorSpec> tensors, LimitsOptions limits, FieldErrors errors)
    {
        if (tensors.Count == 0)
        {
            errors.Add("tensors", "a session needs at least one.");
        }

        if (tensors.Count > limits.TensorsPerSessionMax)
        {
            throw LimitExceeded.Of(
                $"The session has {tensors.Count} tensors", nameof(LimitsOptions.TensorsPerSessionMax), limits.TensorsPerSessionMax);
        }

        return [.. tensors.Select((tensor, index) => Read(tensor, $"tensors[{index}]", errors))];
    }

    /// <summary>The tensors as they are reported: with every default filled in.</summary>
    public static TensorSpec Normalise(TensorSpec tensor)
    {
        var normalised = tensor.Clone();
        normalised.Dtype = DType.Float32;
        normalised.GradientDtype = DType.Float32;
        normalised.Role = TensorRole.Trainable;
        return normalised;
    }

    private static VariableSpec Read(TensorSpec tensor, string field, FieldErrors errors)
    {
        ThrowIfNotImplemented(tensor, field);
        if (Encoding.UTF8.GetByteCount(tensor.Name) > NameBytesMax)
        {
            errors.Add($"{field}.name", $"expected at most {NameBytesMax} bytes.");
        }

        if (tensor.Shape.Count > RankMax)
        {
            errors.Add($"{field}.shape", $"expected at most {RankMax} dimensions, received {tensor.Shape.Count}.");
        }

        if (tensor.Group != 0)
        {
            errors.Add($"{field}.group", $"there is no group {tensor.Group}; the session has one, 0.");
        }

        return new VariableSpec(tensor.Name, [.. tensor.Shape]) { ExcludedFromWeightDecay = tensor.ExcludeFromWeightDecay };
    }

    private static void ThrowIfNotImplemented(TensorSpec tensor, string field)
    {
        Float32Wire.ThrowIfOther(tensor.Dtype, $"{field}.dtype");
        Float32Wire.ThrowIfOther(tensor.GradientDtype, $"{field}.gradient_dtype");
        KnownEnum.ThrowIfUnknown(tensor.Role, $"{field}.role");
        if (tensor.Role is not (TensorRole.Unspecified or TensorRole.Trainable))
        {
            throw NotImplemented.Field($"{field}.role = {WireName.Of(tensor.Role)}", "Leave tensors that are not trained out of the session.");
        }

        if (tensor.Constraint is not null)
        {
            throw NotImplemented.Field($"{field}.constraint", "Apply it in the trainer and write the weights back.");
        }

        if (tensor.Aliases.Count > 0)
        {
            throw NotImplemented.Field($"{field}.aliases", "List a shared weight once and send the sum of its gradients.");
        }
    }
}
