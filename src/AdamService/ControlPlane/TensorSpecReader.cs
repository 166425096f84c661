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
    /// <summary>The longest name or alias, in bytes of UTF-8.</summary>
    public const int NameBytesMax = 256;

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

        AliasReader.Check(tensors, errors);
        return [.. tensors.Select((tensor, index) => Read(tensor, $"tensors[{index}]", errors))];
    }

    /// <summary>The tensors as they are reported: with every default filled in.</summary>
    public static TensorSpec Normalise(TensorSpec tensor)
    {
        var normalised = tensor.Clone();
        normalised.Dtype = tensor.Dtype == DType.Unspecified ? DType.Float32 : tensor.Dtype;
        normalised.GradientDtype = tensor.GradientDtype == DType.Unspecified ? normalised.Dtype : tensor.GradientDtype;
        normalised.Role = tensor.Role == TensorRole.Unspecified ? TensorRole.Trainable : tensor.Role;
        normalised.RowUpdates = tensor.RowUpdates == V1.RowUpdates.Unspecified ? V1.RowUpdates.Dense : tensor.RowUpdates;
        normalised.Constraint = ConstraintMapping.Normalise(tensor.Constraint);
        return normalised;
    }

    private static VariableSpec Read(TensorSpec tensor, string field, FieldErrors errors)
    {
        if (Encoding.UTF8.GetByteCount(tensor.Name) > NameBytesMax)
        {
            errors.Add($"{field}.name", $"expected at most {NameBytesMax} bytes.");
        }

        if (tensor.Shape.Count > RankMax)
        {
            errors.Add($"{field}.shape", $"expected at most {RankMax} dimensions, received {tensor.Shape.Count}.");
        }

        return new VariableSpec(tensor.Name, [.. tensor.Shape])
        {
            DType = ReadType(tensor.Dtype, $"{field}.dtype", errors) ?? TensorDType.Float32,
            GradientDType = ReadType(tensor.GradientDtype, $"{field}.gradient_dtype", errors),
            Role = ReadRole(tensor.Role, $"{field}.role"),
            Group = (int)Math.Min(tensor.Group, int.MaxValue),
            Constraint = ConstraintMapping.Read(tensor.Constraint, $"{field}.constraint", errors),
            ExcludedFromWeightDecay = tensor.ExcludeFromWeightDecay,
            RowUpdates = ReadRowUpdates(tensor.RowUpdates, $"{field}.row_updates"),
        };
    }

    // Null where nothing was said.
    private static TensorDType? ReadType(DType dtype, string field, FieldErrors errors)
    {
        KnownEnum.ThrowIfUnknown(dtype, field);
        switch (dtype)
        {
            case DType.Unspecified:
                return null;
            case DType.Float32:
                return TensorDType.Float32;
            case DType.Float16:
                return TensorDType.Float16;
            default:
                errors.Add(field, $"expected DTYPE_FLOAT32 or DTYPE_FLOAT16, received {WireName.Of(dtype)}, which exists on the wire only.");
                return null;
        }
    }

    private static Engine.RowUpdates ReadRowUpdates(V1.RowUpdates rowUpdates, string field)
    {
        KnownEnum.ThrowIfUnknown(rowUpdates, field);
        return rowUpdates == V1.RowUpdates.Lazy ? Engine.RowUpdates.Lazy : Engine.RowUpdates.Dense;
    }

    private static VariableRole ReadRole(TensorRole role, string field)
    {
        KnownEnum.ThrowIfUnknown(role, field);
        return role switch
        {
            TensorRole.Frozen => VariableRole.Frozen,
            TensorRole.Buffer => VariableRole.Buffer,
            _ => VariableRole.Trainable,
        };
    }
}
