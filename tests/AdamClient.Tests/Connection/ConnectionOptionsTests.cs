using System.Security.Cryptography.X509Certificates;
using Adam.Client.Internal;
using Adam.Client.Tests.Support;

namespace Adam.Client.Tests.Connection;

public sealed class ConnectionOptionsTests : IDisposable
{
    private static readonly TestCertificates Certificates = new();

    private readonly SocketsHttpHandler _handler = new();

    public static TheoryData<string, string> GoodAddresses => new()
    {
        { "unix:///run/adam.sock", "" },
        { "http://127.0.0.1:1", "token" },
        { "http://localhost:1", "token" },
        { "https://service:1", "token" },
        { "unix:///run/adam.sock", "token" },
    };

    public void Dispose() => _handler.Dispose();

    [Theory]
    [MemberData(nameof(GoodAddresses))]
    public void Address_Good_IsTaken(string address, string token) => Assert.Empty(AdamClientOptionsValidator.Errors(new AdamClientOptions
    {
        Address = new Uri(address),
        BearerToken = token.Length > 0 ? token : null,
    }));

    [Theory]
    [InlineData("unix://run/adam.sock", "absolute path")]
    [InlineData("unix:///", "absolute path")]
    [InlineData("unix:///a?b", "absolute path")]
    [InlineData("ftp://a", "unix:///path/to.sock")]
    public void Address_Wrong_IsRefused(string address, string part) => Refuses(part, options => options.Address = new Uri(address));

    [Theory]
    [InlineData(107, 0)]
    [InlineData(108, 1)]
    public void Address_LongSocketPath_IsRefused(int bytes, int errors) => Assert.Equal(
        errors,
        AdamClientOptionsValidator.Errors(new AdamClientOptions { Address = new Uri($"unix:///{new string('a', bytes - 1)}") }).Count());

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("\u00fc")]
    public void BearerToken_Malformed_IsRefusedWithoutBeingShown(string token)
    {
        var options = new AdamClientOptions { Address = new Uri("https://a"), BearerToken = token };

        Assert.Equal(
            "BearerToken must be letters, digits and -._~+/=, without the word Bearer and without spaces or line ends.",
            Assert.Single(AdamClientOptionsValidator.Errors(options)));
    }

    [Fact]
    public void Credentials_ToAnotherMachineInClearText_AreRefusedUnlessAllowed()
    {
        var options = new AdamClientOptions { Address = new Uri("http://service:1"), BearerToken = "t" };
        Assert.Contains("clear text", Assert.Single(AdamClientOptionsValidator.Errors(options)), StringComparison.Ordinal);

        options.BearerToken = null;
        options.CallHeaders = _ => throw new NotSupportedException();
        Assert.Contains("clear text", Assert.Single(AdamClientOptionsValidator.Errors(options)), StringComparison.Ordinal);

        options.AllowCredentialsInClearText = true;
        Assert.Empty(AdamClientOptionsValidator.Errors(options));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("unix:///run/adam.sock")]
    public void Certificates_WithoutTls_AreRefused(string address) => Refuses("need TLS", options =>
    {
        options.Address = new Uri(address);
        options.ClientCertificate = Certificates.Trainer;
    });

    [Fact]
    public void Certificates_BesideAHandler_AreRefused() => Refuses("its own certificates", options =>
    {
        options.HttpHandler = _handler;
        options.TrustedCertificates = [Certificates.Authority];
    });

    [Fact]
    public void UnixSocket_BesideAHandler_IsRefused() => Refuses("its own way to connect", options =>
    {
        options.HttpHandler = _handler;
        options.Address = new Uri("unix:///run/adam.sock");
    });

    [Fact]
    public void ClientCertificate_WithoutItsKey_IsRefused()
    {
        using var publicPart = X509CertificateLoader.LoadCertificate(Certificates.Trainer.RawData);

        Refuses("private key", options => options.ClientCertificate = publicPart);
    }

    [Fact]
    public void TrustedCertificates_Empty_IsRefused() => Refuses("TrustedCertificates", options => options.TrustedCertificates = []);

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    public void CallAttempts_OutOfRange_IsRefused(int attempts) => Refuses("CallAttempts", options => options.CallAttempts = attempts);

    [Fact]
    public async Task ForAddress_KeepsAllOtherOptions()
    {
        var given = new AdamClientOptions
        {
            Address = new Uri("ftp://not-this-one"),
            WorkerId = "w",
            CallAttempts = 7,
            BearerToken = "t",
            WaitForService = true,
        };

        var options = given.At(new Uri("http://127.0.0.1:1"));
        await using var client = AdamClient.ForAddress("http://127.0.0.1:1", given);

        Assert.Equal("w", client.WorkerId);
        Assert.Equal((7, "t", true), (options.CallAttempts, options.BearerToken, options.WaitForService));
        Assert.Equal("ftp", given.Address.Scheme);
    }

    private static void Refuses(string part, Action<AdamClientOptions> spoil)
    {
        var options = new AdamClientOptions { Address = new Uri("https://service:1") };
        spoil(options);

        Assert.Contains(part, Assert.Single(AdamClientOptionsValidator.Errors(options)), StringComparison.Ordinal);
    }
}
