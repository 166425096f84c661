# The service as an image: built by the SDK, run by the ASP.NET Core runtime. How to build and run it: docker/README.md.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# Only what decides the packages, so that a change of a source file does not restore them again.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/AdamContracts/AdamContracts.csproj src/AdamContracts/packages.lock.json src/AdamContracts/
COPY src/AdamEngine/AdamEngine.csproj src/AdamEngine/packages.lock.json src/AdamEngine/
COPY src/AdamGrpc/AdamGrpc.csproj src/AdamGrpc/packages.lock.json src/AdamGrpc/
COPY src/AdamGrpc.AspNetCore/AdamGrpc.AspNetCore.csproj src/AdamGrpc.AspNetCore/packages.lock.json src/AdamGrpc.AspNetCore/
COPY src/AdamService/AdamService.csproj src/AdamService/packages.lock.json src/AdamService/
RUN dotnet restore src/AdamService/AdamService.csproj --locked-mode --disable-build-servers

# The analysers and their rules come along: what does not build elsewhere does not build here.
COPY .editorconfig BannedSymbols.txt LICENSE ./
COPY proto/ proto/
COPY src/ src/

# Portable and without a native launcher: the entry point is the runtime of the base image, whatever its processor.
# The service's user must be able to read what root owns, whatever modes the files of the checkout have.
RUN dotnet publish src/AdamService/AdamService.csproj --configuration Release --no-restore --output /publish \
        --disable-build-servers -p:UseAppHost=false -p:PublishDocumentationFiles=false \
        -p:IsTransformWebConfigDisabled=true -p:ContinuousIntegrationBuild=true \
    && cp LICENSE /publish/ \
    && chmod -R a+rX,go-w /publish

FROM mcr.microsoft.com/dotnet/aspnet:10.0
LABEL org.opencontainers.image.title="Adam service" \
      org.opencontainers.image.description="The optimizer as a service: keras.optimizers.Adam behind gRPC" \
      org.opencontainers.image.licenses="MIT"

# The files belong to root and the process does not run as root, so it cannot change itself even where the root file
# system is writable.
WORKDIR /app
COPY --from=build /publish/ ./

# Where the sessions are kept: by default that is a folder in the working directory, which the service cannot write. A new
# volume takes owner and mode from here; the weights are nobody else's to read.
RUN install -d -o "$APP_UID" -g "$APP_UID" -m 700 /data

# Diagnostics would put a socket into /tmp; without them the service writes nothing outside /data.
# Every address of the container, in cleartext: what reaches it from outside is decided where its ports are published.
# Reflection is for loopback, where the service listens without a container; here the endpoint may be wider than that.
# A stop waits less for calls than the ten seconds after which `docker stop` kills; snapshots come on top (docker/README.md).
ENV DOTNET_EnableDiagnostics=0 \
    ADAM_Durability__Directory=/data \
    ADAM_Server__GrpcUrl=http://*:50051 \
    ADAM_Server__AllowCleartext=true \
    ADAM_Server__HttpUrl=http://*:8080 \
    ADAM_Server__Reflection=false \
    ADAM_Server__DrainSeconds=8

EXPOSE 50051 8080

# So that /data can be written where the root file system cannot, and a step is not slowed by the layers of the image. Who
# wants to find the sessions again gives the volume a name. After the directory is made: later changes would be lost.
VOLUME ["/data"]

# By number, so that a platform which demands a user other than root can see that it is one.
USER $APP_UID

# The service's own binary asks, so that the image needs neither a shell nor curl. It gives up after five seconds.
HEALTHCHECK --interval=15s --timeout=7s --start-period=20s --retries=3 \
    CMD ["dotnet", "/app/AdamService.dll", "healthcheck"]

# No shell in between: SIGTERM reaches the service.
ENTRYPOINT ["dotnet", "/app/AdamService.dll"]
