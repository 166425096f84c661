using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Errors;

/// <summary>Refusals of what the contract has and this build does not: said in a sentence, never ignored.</summary>
internal static class NotImplemented
{
    /// <summary>The refusal of a field, or of a value of a field.</summary>
    public static ServiceException Field(string field, string instead) => new(
        ErrorReason.NotImplemented,
        $"{field} is part of the contract but not implemented in this build. {instead}",
        ("feature", field));

    /// <summary>The refusal of a whole rpc.</summary>
    public static RpcException Rpc(string name, string instead) => WireStatus.ToRpcException(new ServiceException(
        ErrorReason.NotImplemented,
        $"{name} is part of the contract but not implemented in this build. {instead}",
        ("feature", name)));
}
