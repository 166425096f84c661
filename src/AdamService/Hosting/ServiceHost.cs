using Adam.Engine;
using Adam.Service.Configuration;
using Adam.Service.Connections;
using Adam.Service.ControlPlane;
using Adam.Service.DataPlane;
using Adam.Service.Durability;
using Adam.Service.Limits;
using Adam.Service.Recovery;
using Adam.Service.Sessions;
using Adam.Service.SharedMemory;
using Adam.Service.Storage.Files;
using Adam.Service.Threads;
using Adam.Service.Tls;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Serilog;
using Serilog.Events;

namespace Adam.Service.Hosting;

/// <summary>Puts the service together.</summary>
internal static class ServiceHost
{
    /// <summary>Builds the application; the caller runs it.</summary>
    /// <param name="settings">Settings that outrank files and environment, as <c>Section:Name</c>.</param>
    public static WebApplication Build(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("The service needs a little-endian processor.");
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "AdamService",
            ContentRootPath = AppContext.BaseDirectory,
        });
        ServiceConfiguration.AddTo(builder.Configuration, settings);
        AddLogging(builder);
        AddOptions(builder);
        AddServer(builder);
        AddDomain(builder.Services);
        AddGrpc(builder);

        var app = builder.Build();
        Map(app);
        return app;
    }

    private static void AddLogging(WebApplicationBuilder builder)
    {
        // The logger belongs to the host, not to the process, so that several hosts can live in one process.
        // ASP.NET Core's own notes of requests make an activity for each one, and a scope, whether anybody reads them or not. A level for them in the
        // configuration turns them on.
        var logger = new LoggerConfiguration()
            .MinimumLevel.Override("Microsoft.AspNetCore.Hosting.Diagnostics", LevelAlias.Off)
            .ReadFrom.Configuration(builder.Configuration)
            .Filter.ByExcluding(ClientNoise.Is)
            .CreateLogger();
        builder.Logging.AddSerilog(logger, dispose: true);
    }

    private static void AddOptions(WebApplicationBuilder builder)
    {
        // A setting that does not exist is a mistake that somebody wants to hear of.
        builder.Services.AddOptions<ServerOptions>().BindConfiguration(ServerOptions.Section, Strictly).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ServerOptions>, ServerOptionsValidator>();
        builder.Services.AddOptions<LimitsOptions>().BindConfiguration(LimitsOptions.Section, Strictly).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<LimitsOptions>, LimitsOptionsValidator>();
        builder.Services.AddOptions<Http2Options>().BindConfiguration(Http2Options.Section, Strictly).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<Http2Options>, Http2OptionsValidator>();
        builder.Services.AddOptions<TlsOptions>().BindConfiguration(TlsOptions.Section, Strictly).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<TlsOptions>, TlsOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<ServerOptions>, TlsAddressValidator>();
        builder.Services.AddOptions<GrpcWebEndpointOptions>().BindConfiguration(GrpcWebEndpointOptions.Section, Strictly).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<GrpcWebEndpointOptions>, GrpcWebEndpointOptionsValidator>();
        builder.Services.AddOptions<SharedMemoryOptions>().BindConfiguration(SharedMemoryOptions.Section, Strictly).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SharedMemoryOptions>, SharedMemoryOptionsValidator>();
        builder.Services.AddOptions<DurabilityOptions>().BindConfiguration(DurabilityOptions.Section, Strictly).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<DurabilityOptions>, DurabilityOptionsValidator>();
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<ServerOptions>>(
            (host, server) => host.ShutdownTimeout = TimeSpan.FromSeconds(server.Value.DrainSeconds) + ServiceStop.Grace);
    }

    private static void Strictly(BinderOptions binder) => binder.ErrorOnUnknownConfiguration = true;

    private static void AddServer(WebApplicationBuilder builder)
    {
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.AddOptions<SocketTransportOptions>().Configure<IOptions<ServerOptions>>((sockets, server) =>
        {
            var mode = SocketMode.TryParse(server.Value.SocketMode, out var bits) ? bits : UnixFileMode.None;
            sockets.CreateBoundListenSocket = endPoint => UnixSocketFile.Bind(endPoint, mode);
        });
        TransportMemory.AddTo(builder.Services);
        builder.Services.AddSingleton<IConfigureOptions<KestrelServerOptions>, KestrelEndpoints>();
        builder.Services.AddSingleton<GuardedConnections>();
        builder.Services.AddSingleton<ServiceStop>();
        builder.Services.AddSingleton<TlsCertificates>();
        builder.Services.AddHostedService<CertificateWatch>();
        builder.Services.AddHostedService<ConnectionWatch>();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<SessionRecovery>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SessionRecovery>());
        builder.Services.AddHostedService(services => services.GetRequiredService<SnapshotScheduler>());
        builder.Services.AddHostedService(services => services.GetRequiredService<LogKeeper>());
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Readiness>());
        builder.Services.AddHostedService<DescriptorHandover>();
        builder.Services.AddHostedService<AddressFile>();
        builder.Services.AddHostedService<StdinWatch>();
        builder.Services.AddHostedService<StartAndStopLog>();
    }

    private static void AddDomain(IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<MemoryBudget>();
        services.AddSingleton<EngineThreads>();
        services.AddSingleton(provider =>
        {
            var threads = provider.GetRequiredService<IOptions<ServerOptions>>().Value.StepThreads;
            return new StepThreads(threads > 0 ? threads : Environment.ProcessorCount);
        });
        services.AddSingleton<SessionLogs>();
        services.AddSingleton<SessionRegistry>();
        services.AddSingleton<StartCount>();
        services.AddSingleton<IdleExpiry>();
        services.AddSingleton<StepCalibration>();
        services.AddSingleton<EstimateSessionCall>();
        services.AddSingleton<DeleteSessionsCall>();
        services.AddSingleton<WatchSessionCall>();
        services.AddSingleton<ForkSessionCall>();
        services.AddSingleton<IPastStates, PastStates>();
        services.AddSingleton<SessionFactory>();
        services.AddSingleton<ISessionMaker>(provider => provider.GetRequiredService<SessionFactory>());
        services.AddSingleton(FileSystem.Linux);
        services.AddSingleton<DataDirectory>();
        services.AddSingleton<SnapshotStore>();
        services.AddSingleton<SnapshotScheduler>();
        services.AddSingleton<LogKeeper>();
        services.AddSingleton<SetAsideErasure>();
        services.AddSingleton<CheckpointStore>();
        services.AddSingleton<RestoreCheckpointCall>();
        services.AddSingleton<ExportSessionCall>();
        services.AddSingleton<ImportSessionCall>();
        services.AddSingleton<TrainCall>();
        services.AddSingleton<StepCall>();
        services.AddSingleton<OpenBatches>();
        services.AddSingleton<OpenBatchCalls>();
        services.AddSingleton<ReadTensorsCall>();
        services.AddSingleton<WriteTensorsCall>();
        services.AddSingleton<RegionBudget>();
        services.AddSingleton<Handovers>();
        services.AddSingleton<OpenSharedMemoryCall>();
    }

    private static void AddGrpc(WebApplicationBuilder builder)
    {
        builder.Services.AddGrpc();
        builder.Services.AddOptions<GrpcServiceOptions>().Configure<IOptions<LimitsOptions>>((grpc, limits) =>
        {
            grpc.MaxReceiveMessageSize = limits.Value.MessageBytesMax;
            grpc.MaxSendMessageSize = limits.Value.MessageBytesMax;
        });
        BrowserAccess.AddTo(builder.Services);
        builder.Services.AddGrpcReflection();
        builder.Services
            .AddGrpcHealthChecks(health =>
            {
                foreach (var service in HealthNames.All)
                {
                    health.Services.Map(service, static _ => true);
                }
            })
            .AddCheck<Readiness>(Readiness.Name);

        // Watchers of grpc.health.v1 hear of a change after this time.
        builder.Services.Configure<HealthCheckPublisherOptions>(publisher =>
        {
            publisher.Delay = TimeSpan.Zero;
            publisher.Period = TimeSpan.FromSeconds(1);
        });
    }

    private static void Map(WebApplication app)
    {
        app.UseMiddleware<CallPaceMiddleware>();
        BrowserAccess.Use(app);
        app.MapGrpcService<SessionsService>();
        app.MapGrpcService<TrainingService>();
        app.MapGrpcService<CheckpointsService>();
        app.MapGrpcHealthChecksService();
        if (app.Services.GetRequiredService<IOptions<ServerOptions>>().Value.Reflection)
        {
            app.MapGrpcReflectionService();
        }

        HttpProbes.Map(app);
    }
}
