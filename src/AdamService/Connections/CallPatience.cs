using Grpc.Core;

namespace Adam.Service.Connections;

/// <summary>Finds the patience of a call.</summary>
internal static class CallPatience
{
    /// <summary>The patience of a call; one without effect where nobody watches the call.</summary>
    public static ICallPatience Of(ServerCallContext context) =>
        context.GetHttpContext().Features.Get<ICallPatience>() ?? new Endless();

    private sealed class Endless : ICallPatience
    {
        public bool MayRest { get; set; }
    }
}
