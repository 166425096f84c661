using System.Net;
using AdamGrpc.Tests.Support;
using Grpc.AspNetCore.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace AdamGrpc.Tests.Web;

/// <summary>Which services speak gRPC-Web, and with whose pages.</summary>
public sealed class GrpcWebEnablingTests
{
    private static readonly byte[] Empty = [0, 0, 0, 0, 0];

    [Theory]
    [InlineData(false, null, HttpStatusCode.UnsupportedMediaType)]
    [InlineData(false, true, HttpStatusCode.OK)]
    [InlineData(true, null, HttpStatusCode.OK)]
    [InlineData(true, false, HttpStatusCode.UnsupportedMediaType)]
    public async Task Call_ServiceOrDefault_DecidesWhetherItIsServed(bool isDefault, bool? isService, HttpStatusCode expected)
    {
        await using EchoHost host = await GrpcWebTests.StartAsync(defaultEnabled: isDefault, conventions: service =>
        {
            if (isService is bool enabled)
            {
                _ = enabled ? service.EnableGrpcWeb() : service.DisableGrpcWeb();
            }
        });

        WebCall call = await WebCall.SendAsync(host, RawCall.Unary, Empty);

        Assert.Equal(expected, call.Response.StatusCode);
    }

    [Fact]
    public async Task Call_WithoutTheMiddleware_IsRefused()
    {
        await using EchoHost host = await EchoHost.StartAsync(protocols: Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1);

        WebCall call = await WebCall.SendAsync(host, RawCall.Unary, Empty);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, call.Response.StatusCode);
    }

    [Fact]
    public async Task Call_OfPlainGrpcOverHttp1_IsRefusedAsBefore()
    {
        await using EchoHost host = await GrpcWebTests.StartAsync();

        WebCall call = await WebCall.SendAsync(host, RawCall.Unary, Empty, "application/grpc");

        Assert.Equal(HttpStatusCode.UpgradeRequired, call.Response.StatusCode);
    }

    [Fact]
    public void Attributes_SayWhatTheirNamesSay()
    {
        IGrpcWebEnabledMetadata enable = new EnableGrpcWebAttribute(), disable = new DisableGrpcWebAttribute();

        Assert.Equal((true, false), (enable.GrpcWebEnabled, disable.GrpcWebEnabled));
    }

    [Theory]
    [InlineData(RawCall.Unary)]
    [InlineData("/grpc_runtime.test.Nobody/Unary")]
    public async Task Preflight_OfAServiceWithCors_IsAnswered(string path)
    {
        await using EchoHost host = await EchoHost.StartAsync(
            services: services => services.AddCors(cors => cors.AddDefaultPolicy(new CorsPolicyBuilder("https://page.example")
                .WithMethods("POST").AllowAnyHeader().Build())),
            map: app => app.UseCors().UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = true }),
            protocols: Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1);
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Options, host.Address + path);
        request.Headers.TryAddWithoutValidation("origin", "https://page.example");
        request.Headers.TryAddWithoutValidation("access-control-request-method", "POST");
        request.Headers.TryAddWithoutValidation("access-control-request-headers", "content-type,x-grpc-web");

        using HttpResponseMessage response = await http.SendAsync(request).Soon();

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("https://page.example", response.Headers.GetValues("access-control-allow-origin").Single());
        Assert.Equal("content-type,x-grpc-web", response.Headers.GetValues("access-control-allow-headers").Single());
    }
}
