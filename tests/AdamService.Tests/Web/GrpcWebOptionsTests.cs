using Adam.Service.Configuration;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.Web;

public sealed class GrpcWebOptionsTests
{
    [Theory]
    [InlineData("https://127.0.0.1:50051", null, "https://a.example", "http://localhost:3000")]
    [InlineData("http://127.0.0.1:50051", "http://127.0.0.1:8081", "*")]
    [InlineData("unix:/run/adam.sock", "https://*:8081")]
    public void Validate_GoodSettings_AreFine(string grpcUrl, string? url, params string[] origins) =>
        Assert.Null(Validate(grpcUrl, Options(true, url, origins)));

    [Theory]
    [InlineData(null, "GrpcWeb:Url is missing: Server:GrpcUrl http://127.0.0.1:1 has no TLS, and so no HTTP/1.1 for browsers.")]
    [InlineData("unix:/a", "GrpcWeb:Url must be http://ADDRESS:PORT or https://ADDRESS:PORT with an IP address or localhost, not 'unix:/a'.")]
    [InlineData("http://*:1", "GrpcWeb:Url http://*:1 is cleartext for other machines: use https:// and Tls:CertificateFile, or allow it with Server:AllowCleartext=true on a network that you trust.")]
    public void Validate_AddressThatDoesNotDo_IsNamed(string? url, string expected) =>
        Assert.Equal([expected], Validate("http://127.0.0.1:1", Options(true, url))!);

    [Theory]
    [InlineData("page.example")]
    [InlineData("https://page.example/")]
    [InlineData("https://page.example/path")]
    [InlineData("ftp://page.example")]
    [InlineData("null")]
    public void Validate_NoOrigin_IsNamed(string origin) => Assert.Equal(
        [$"GrpcWeb:AllowedOrigins must be origins such as https://example.org, or * alone, not '{origin}'."],
        Validate("https://127.0.0.1:1", Options(true, null, origin))!);

    [Fact]
    public void Validate_StarAmongOthers_IsNamed() => Assert.Equal(
        ["GrpcWeb:AllowedOrigins must be origins such as https://example.org, or * alone, not '*'."],
        Validate("https://127.0.0.1:1", Options(true, null, "https://a.example", "*"))!);

    [Fact]
    public void Validate_SettingsOfWhatIsOff_AreNamed()
    {
        var options = Options(false, "http://127.0.0.1:1");
        options.PreflightSeconds = -1;

        Assert.Equal(
            [
                "GrpcWeb:Enabled is not true: the other settings of GrpcWeb mean nothing without it.",
                "GrpcWeb:PreflightSeconds must be 0 to 86400, not -1.",
            ],
            Validate("http://127.0.0.1:1", options)!);
    }

    private static GrpcWebEndpointOptions Options(bool enabled, string? url, params string[] origins)
    {
        var options = new GrpcWebEndpointOptions { Enabled = enabled, Url = url };
        foreach (var origin in origins)
        {
            options.AllowedOrigins.Add(origin);
        }

        return options;
    }

    private static List<string>? Validate(string grpcUrl, GrpcWebEndpointOptions options) =>
        new GrpcWebEndpointOptionsValidator(Microsoft.Extensions.Options.Options.Create(new ServerOptions { GrpcUrl = grpcUrl }))
            .Validate(null, options) is { Failed: true } result
            ? [.. result.Failures]
            : null;
}
