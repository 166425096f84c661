using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>The options in force for the methods of one service.</summary>
/// <param name="MaxReceiveMessageSize">The largest request in bytes; null is no limit.</param>
/// <param name="MaxSendMessageSize">The largest response in bytes; null is no limit.</param>
/// <param name="EnableDetailedErrors">Whether clients see the messages of exceptions.</param>
/// <param name="IgnoreUnknownServices">Whether unknown methods are left to the rest of the application.</param>
internal sealed record MethodOptions(
    int? MaxReceiveMessageSize, int? MaxSendMessageSize, bool EnableDetailedErrors, bool IgnoreUnknownServices)
{
    /// <summary>Takes what the service's own options set, and the rest from those of all services.</summary>
    public static MethodOptions Resolve<TService>(IServiceProvider services)
        where TService : class
    {
        GrpcServiceOptions all = services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value;
        GrpcServiceOptions own = services.GetRequiredService<IOptions<GrpcServiceOptions<TService>>>().Value;
        return new MethodOptions(
            own.IsMaxReceiveMessageSizeSet ? own.MaxReceiveMessageSize : all.MaxReceiveMessageSize,
            own.IsMaxSendMessageSizeSet ? own.MaxSendMessageSize : all.MaxSendMessageSize,
            own.EnableDetailedErrors ?? all.EnableDetailedErrors ?? false,
            own.IgnoreUnknownServices ?? all.IgnoreUnknownServices ?? false);
    }
}
