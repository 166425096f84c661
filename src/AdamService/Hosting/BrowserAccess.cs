using Adam.Service.Configuration;
using Adam.Service.Connections;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace Adam.Service.Hosting;

/// <summary>gRPC-Web, and the pages that may use it (CORS).</summary>
internal static class BrowserAccess
{
    // What a page must be able to read of a response: the status, where it is in the headers.
    private static readonly string[] ExposedHeaders =
        ["Grpc-Status", "Grpc-Message", "Grpc-Status-Details-Bin", "Grpc-Encoding", "Grpc-Accept-Encoding"];

    /// <summary>Registers what it needs.</summary>
    public static void AddTo(IServiceCollection services)
    {
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<GrpcWebEndpointOptions>>(
            (cors, web) => cors.AddDefaultPolicy(PolicyOf(web.Value)));
    }

    /// <summary>Serves it on the connections that are marked for it, and nowhere else.</summary>
    public static void Use(WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<GrpcWebEndpointOptions>>().Value.Enabled)
        {
            app.UseWhen(
                http => http.Features.Get<GrpcWebConnection>() is not null,
                branch => branch.UseCors().UseMiddleware<Http1PaceMiddleware>().UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = true }));
        }
    }

    private static CorsPolicy PolicyOf(GrpcWebEndpointOptions options)
    {
        // Metadata are headers of any name. No cookies: nothing here looks at them.
        var policy = new CorsPolicyBuilder()
            .WithMethods(HttpMethods.Post)
            .AllowAnyHeader()
            .WithExposedHeaders(ExposedHeaders)
            .SetPreflightMaxAge(TimeSpan.FromSeconds(options.PreflightSeconds));
        return options.AllowedOrigins.Contains(GrpcWebEndpointOptions.AnyOrigin)
            ? policy.AllowAnyOrigin().Build()
            : policy.WithOrigins([.. options.AllowedOrigins]).Build();
    }
}
