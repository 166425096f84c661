using System.IO.Compression;
using Grpc.Core.Internal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>The options in force for the methods of one service.</summary>
/// <param name="MaxReceiveMessageSize">The largest request in bytes; null is no limit.</param>
/// <param name="MaxSendMessageSize">The largest response in bytes; null is no limit.</param>
/// <param name="EnableDetailedErrors">Whether clients see the messages of exceptions.</param>
/// <param name="IgnoreUnknownServices">Whether unknown methods are left to the rest of the application.</param>
/// <param name="Codings">The codings of requests and responses.</param>
/// <param name="ResponseCompressionAlgorithm">The coding of responses; null for none.</param>
/// <param name="ResponseCompressionLevel">How hard it tries; null leaves that to the coding.</param>
/// <param name="Interceptors">What calls pass before their handler.</param>
/// <param name="Time">The time, for deadlines.</param>
internal sealed record MethodOptions(
    int? MaxReceiveMessageSize,
    int? MaxSendMessageSize,
    bool EnableDetailedErrors,
    bool IgnoreUnknownServices,
    MessageCodings Codings,
    string? ResponseCompressionAlgorithm,
    CompressionLevel? ResponseCompressionLevel,
    InterceptorPipeline Interceptors,
    TimeProvider Time)
{
    /// <summary>Takes what the service's own options set, and the rest from those of all services.</summary>
    /// <exception cref="InvalidOperationException">Responses are to be compressed by a coding that is not there.</exception>
    public static MethodOptions Resolve<TService>(IServiceProvider services)
        where TService : class
    {
        GrpcServiceOptions all = services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value;
        GrpcServiceOptions own = services.GetRequiredService<IOptions<GrpcServiceOptions<TService>>>().Value;
        MessageCodings codings = new([.. own.CompressionProviders, .. all.CompressionProviders]);
        string? algorithm = own.ResponseCompressionAlgorithm ?? all.ResponseCompressionAlgorithm;
        if (!MessageCodings.IsIdentity(algorithm) && codings.Find(algorithm!) is null)
        {
            throw new InvalidOperationException(
                $"The configured response compression algorithm '{algorithm}' does not have a matching compression provider.");
        }

        return new MethodOptions(
            own.IsMaxReceiveMessageSizeSet ? own.MaxReceiveMessageSize : all.MaxReceiveMessageSize,
            own.IsMaxSendMessageSizeSet ? own.MaxSendMessageSize : all.MaxSendMessageSize,
            own.EnableDetailedErrors ?? all.EnableDetailedErrors ?? false,
            own.IgnoreUnknownServices ?? all.IgnoreUnknownServices ?? false,
            codings,
            algorithm,
            own.ResponseCompressionLevel ?? all.ResponseCompressionLevel,
            new InterceptorPipeline([.. all.Interceptors, .. own.Interceptors]),
            services.GetService<TimeProvider>() ?? TimeProvider.System);
    }
}
