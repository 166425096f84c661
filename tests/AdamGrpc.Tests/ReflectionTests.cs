using AdamGrpc.Tests.Support;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using V1Alpha = Grpc.Reflection.V1Alpha;

namespace AdamGrpc.Tests;

public sealed class ReflectionTests
{
    private static readonly string[] Services =
    [
        "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", "grpc_runtime.test.Echo",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ListServices_AllMapped_AreNamed(bool alpha)
    {
        await using EchoHost host = await StartAsync();

        ServerReflectionResponse response = Assert.Single(
            await AskAsync(host, alpha, new ServerReflectionRequest { Host = "h", ListServices = "*" }));

        Assert.Equal(Services, response.ListServicesResponse.Service.Select(service => service.Name));
        Assert.Equal("h", response.ValidHost);
        Assert.Equal("*", response.OriginalRequest.ListServices);
    }

    [Theory]
    [InlineData("grpc_runtime.test.Echo", "echo.proto,common.proto,google/protobuf/descriptor.proto", false)]
    [InlineData("grpc_runtime.test.Echo", "echo.proto,common.proto,google/protobuf/descriptor.proto", true)]
    [InlineData("grpc_runtime.test.Echo.Unary", "echo.proto,common.proto,google/protobuf/descriptor.proto", false)]
    [InlineData("grpc_runtime.test.EchoMessage", "common.proto,google/protobuf/descriptor.proto", false)]
    [InlineData("grpc_runtime.test.EchoMessage.Inner", "common.proto,google/protobuf/descriptor.proto", false)]
    [InlineData("grpc_runtime.test.EchoMessage.text", "common.proto,google/protobuf/descriptor.proto", false)]
    [InlineData("grpc_runtime.test.EchoMessage.Inner.kind", "common.proto,google/protobuf/descriptor.proto", false)]
    [InlineData("grpc_runtime.test.Kind", "common.proto,google/protobuf/descriptor.proto", false)]
    public async Task FileContainingSymbol_KnownSymbol_GivesTheFileAndItsDependencies(string symbol, string files, bool alpha)
    {
        await using EchoHost host = await StartAsync();

        ServerReflectionResponse response =
            Assert.Single(await AskAsync(host, alpha, new ServerReflectionRequest { FileContainingSymbol = symbol }));

        Assert.Equal(files.Split(','), FileNames(response));
    }

    [Fact]
    public async Task FileByFilename_OnOneStream_SendsDependenciesOnce()
    {
        await using EchoHost host = await StartAsync();

        IReadOnlyList<ServerReflectionResponse> responses = await AskAsync(
            host,
            alpha: false,
            new ServerReflectionRequest { FileByFilename = "echo.proto" },
            new ServerReflectionRequest { FileByFilename = "echo.proto" },
            new ServerReflectionRequest { FileByFilename = "common.proto" });

        Assert.Equal(["echo.proto", "common.proto", "google/protobuf/descriptor.proto"], FileNames(responses[0]));
        Assert.Equal(["echo.proto"], FileNames(responses[1]));
        Assert.Equal(["common.proto"], FileNames(responses[2]));
    }

    [Fact]
    public async Task UnknownQuestions_HaveAnErrorAndTheStreamGoesOn()
    {
        await using EchoHost host = await StartAsync();

        IReadOnlyList<ServerReflectionResponse> responses = await AskAsync(
            host,
            alpha: false,
            new ServerReflectionRequest { FileByFilename = "never.proto" },
            new ServerReflectionRequest { FileContainingSymbol = "never.Ever" },
            new ServerReflectionRequest
            {
                FileContainingExtension = new ExtensionRequest { ContainingType = "grpc_runtime.test.EchoMessage", ExtensionNumber = 1 },
            },
            new ServerReflectionRequest { AllExtensionNumbersOfType = "never.Ever" },
            new ServerReflectionRequest());

        Assert.Equal(
            [StatusCode.NotFound, StatusCode.NotFound, StatusCode.NotFound, StatusCode.NotFound, StatusCode.InvalidArgument],
            responses.Select(response => (StatusCode)response.ErrorResponse.ErrorCode));
    }

    [Fact]
    public async Task Extensions_OfKnownTypes_AreFoundByTypeAndNumber()
    {
        await using EchoHost host = await StartAsync();

        IReadOnlyList<ServerReflectionResponse> responses = await AskAsync(
            host,
            alpha: false,
            new ServerReflectionRequest
            {
                FileContainingExtension = new ExtensionRequest { ContainingType = "google.protobuf.FieldOptions", ExtensionNumber = 50001 },
            },
            new ServerReflectionRequest { AllExtensionNumbersOfType = "google.protobuf.FieldOptions" },
            new ServerReflectionRequest { AllExtensionNumbersOfType = "grpc_runtime.test.EchoMessage" });

        Assert.Equal(["common.proto", "google/protobuf/descriptor.proto"], FileNames(responses[0]));
        Assert.Equal("google.protobuf.FieldOptions", responses[1].AllExtensionNumbersResponse.BaseTypeName);
        Assert.Equal([50001], responses[1].AllExtensionNumbersResponse.ExtensionNumber);
        Assert.Equal("grpc_runtime.test.EchoMessage", responses[2].AllExtensionNumbersResponse.BaseTypeName);
        Assert.Empty(responses[2].AllExtensionNumbersResponse.ExtensionNumber);
    }

    private static Task<EchoHost> StartAsync() => EchoHost.StartAsync(
        services: services => services.AddGrpcReflection(), map: app => app.MapGrpcReflectionService());

    private static IEnumerable<string> FileNames(ServerReflectionResponse response) =>
        response.FileDescriptorResponse.FileDescriptorProto.Select(bytes => FileDescriptorProto.Parser.ParseFrom(bytes).Name);

    private static async Task<IReadOnlyList<ServerReflectionResponse>> AskAsync(
        EchoHost host, bool alpha, params ServerReflectionRequest[] requests)
    {
        List<ServerReflectionResponse> responses = [];
        if (alpha)
        {
            using AsyncDuplexStreamingCall<V1Alpha.ServerReflectionRequest, V1Alpha.ServerReflectionResponse> call =
                new V1Alpha.ServerReflection.ServerReflectionClient(host.CreateChannel()).ServerReflectionInfo();
            foreach (ServerReflectionRequest request in requests)
            {
                await call.RequestStream.WriteAsync(V1Alpha.ServerReflectionRequest.Parser.ParseFrom(request.ToByteString())).Soon();
                Assert.True(await call.ResponseStream.MoveNext().Soon());
                responses.Add(ServerReflectionResponse.Parser.ParseFrom(call.ResponseStream.Current.ToByteString()));
            }
        }
        else
        {
            using AsyncDuplexStreamingCall<ServerReflectionRequest, ServerReflectionResponse> call =
                new ServerReflection.ServerReflectionClient(host.CreateChannel()).ServerReflectionInfo();
            foreach (ServerReflectionRequest request in requests)
            {
                await call.RequestStream.WriteAsync(request).Soon();
                Assert.True(await call.ResponseStream.MoveNext().Soon());
                responses.Add(call.ResponseStream.Current);
            }
        }

        return responses;
    }
}
