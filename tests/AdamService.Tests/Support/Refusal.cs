using Adam.Service.Errors;
using Adam.V1;
using Google.Rpc;
using Grpc.Core;

namespace Adam.Service.Tests.Support;

/// <summary>A refusal as a client sees it: code, reason, metadata, message.</summary>
internal sealed record Refusal(StatusCode Code, string Reason, IReadOnlyDictionary<string, string> Metadata, string Message)
{
    /// <summary>The names in metadata <c>fields</c>.</summary>
    public IReadOnlyList<string> Fields => Metadata["fields"].Split(',');

    /// <summary>Runs a call that must be refused.</summary>
    public static async Task<Refusal> OfAsync(Func<Task> call) => Of(await Assert.ThrowsAsync<RpcException>(call));

    /// <summary>Runs a call that must be refused for a certain reason.</summary>
    public static async Task<Refusal> OfAsync(StatusCode code, ErrorReason reason, Func<Task> call)
    {
        var refusal = await OfAsync(call);
        refusal.AssertIs(code, reason);
        return refusal;
    }

    /// <summary>Reads the refusal that ended a call.</summary>
    public static Refusal Of(RpcException error)
    {
        var details = error.Trailers.GetValueBytes("grpc-status-details-bin");
        Assert.True(details is not null, $"A failure without details: {error.Status}");
        var refusal = Of(Google.Rpc.Status.Parser.ParseFrom(details));
        Assert.Equal(error.StatusCode, refusal.Code);
        Assert.Equal(error.Status.Detail, refusal.Message);
        return refusal;
    }

    /// <summary>Reads the refusal in the result of a batch.</summary>
    public static Refusal Of(Google.Rpc.Status status)
    {
        var info = Assert.Single(status.Details).Unpack<ErrorInfo>();
        Assert.Equal("adam.v1", info.Domain);
        return new Refusal((StatusCode)status.Code, info.Reason, info.Metadata, status.Message);
    }

    public void AssertIs(StatusCode code, ErrorReason reason) =>
        Assert.Equal((code, WireStatus.NameOf(reason)), (Code, Reason));
}
