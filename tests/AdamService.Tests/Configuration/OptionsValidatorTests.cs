using Adam.Service.Configuration;
using Adam.Service.Tests.Support;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.Configuration;

/// <summary>Wrong settings keep the service from starting, and all of them are named at once.</summary>
public sealed class OptionsValidatorTests
{
    [Fact]
    public void Validate_Defaults_AreFine()
    {
        Assert.True(new LimitsOptionsValidator().Validate(null, new LimitsOptions()).Succeeded);
        Assert.True(new ServerOptionsValidator().Validate(null, new ServerOptions()).Succeeded);
        Assert.True(new Http2OptionsValidator().Validate(null, new Http2Options()).Succeeded);
    }

    [Fact]
    public void Validate_EveryLimitTooLow_NamesEachWithItsRange()
    {
        var options = new LimitsOptions
        {
            MessageBytesMax = 1,
            ChunkBytesMax = 1,
            MemoryBytes = -1,
            TenantMemoryBytes = -1,
            SessionMemoryBytes = -1,
            SessionsMax = 0,
            TensorsPerSessionMax = 0,
            WorkersPerSessionMax = 0,
            QueuedPerSessionMax = 0,
            CreditsPerStream = 0,
            IdleSeconds = -1,
            ReaderPatienceSeconds = -1,
        };

        var result = new LimitsOptionsValidator().Validate(null, options);

        Assert.Equal(
            [
                "Limits:MessageBytesMax must be 65536 to 1073741824, not 1.",
                "Limits:ChunkBytesMax must be 4096 to 4096, not 1.",
                "Limits:MemoryBytes must be 0 to 9223372036854775807, not -1.",
                "Limits:TenantMemoryBytes must be 0 to 9223372036854775807, not -1.",
                "Limits:SessionMemoryBytes must be 0 to 9223372036854775807, not -1.",
                "Limits:SessionsMax must be 1 to 1000000, not 0.",
                "Limits:TensorsPerSessionMax must be 1 to 100000, not 0.",
                "Limits:WorkersPerSessionMax must be 1 to 100000, not 0.",
                "Limits:QueuedPerSessionMax must be 1 to 10000, not 0.",
                "Limits:CreditsPerStream must be 1 to 64, not 0.",
                "Limits:IdleSeconds must be 0 to 315360000, not -1.",
                "Limits:ReaderPatienceSeconds must be 0 to 600, not -1.",
            ],
            result.Failures!);
    }

    [Fact]
    public void Validate_ChunkAsLargeAsAMessage_LeavesNoRoomForTheRest()
    {
        var validator = new LimitsOptionsValidator();

        Assert.True(validator.Validate(null, new LimitsOptions { ChunkBytesMax = (4 << 20) - 4096 }).Succeeded);
        Assert.True(validator.Validate(null, new LimitsOptions { ChunkBytesMax = (4 << 20) - 4095 }).Failed);
    }

    [Fact]
    public void Validate_EveryServerOptionWrong_NamesEach()
    {
        var options = new ServerOptions { GrpcUrl = "nonsense", HttpUrl = "ftp://x", DrainSeconds = double.NaN, SocketMode = "0600" };

        Assert.Equal(
            [
                "Server:GrpcUrl must be http://ADDRESS:PORT or https://ADDRESS:PORT with an IP address or localhost, or unix:/PATH, not 'nonsense'.",
                "Server:HttpUrl must be http://ADDRESS:PORT or https://ADDRESS:PORT with an IP address or localhost, not 'ftp://x'.",
                "Server:SocketMode must be three octal digits such as 600, not '0600'.",
                "Server:DrainSeconds must be 0 to 600, not NaN.",
            ],
            new ServerOptionsValidator().Validate(null, options).Failures!);
    }

    [Fact]
    public void Validate_CleartextForOtherMachines_NeedsTheExplicitOption()
    {
        var validator = new ServerOptionsValidator();

        Assert.Equal(
            [
                "Server:GrpcUrl http://*:50051 is cleartext for other machines: use https:// and Tls:CertificateFile, or allow it with Server:AllowCleartext=true on a network that you trust.",
            ],
            validator.Validate(null, new ServerOptions { GrpcUrl = "http://*:50051" }).Failures!);
        Assert.True(validator.Validate(null, new ServerOptions { GrpcUrl = "http://*:50051", AllowCleartext = true }).Succeeded);
        Assert.True(validator.Validate(null, new ServerOptions { GrpcUrl = "https://*:50051" }).Succeeded);
        Assert.True(validator.Validate(null, new ServerOptions { GrpcUrl = "unix:/run/adam.sock", HttpUrl = "http://*:8080" }).Succeeded);
    }

    [Fact]
    public void Validate_EveryHttp2OptionWrong_NamesEachWithItsRange()
    {
        var options = new Http2Options
        {
            ConnectionsMax = 0,
            ConnectionsPerAddressMax = -1,
            KeepAliveSeconds = 0,
            PrefaceSeconds = double.NaN,
            RequestHeadersSeconds = 86_401,
            PingDelaySeconds = 0.9,
            PingTimeoutSeconds = double.PositiveInfinity,
            StreamsPerConnectionMax = 0,
            HeaderBytesMax = 1023,
            HeaderCountMax = 7,
            HeaderTableBytes = -1,
            FrameBytesMax = 1 << 24,
            ConnectionWindowBytes = 65_535,
            StreamWindowBytes = 65_537,
            SettingsAndPingsPerSecondMax = -1,
            PrioritiesAndWindowUpdatesPerSecondMax = -1,
            ResetsPerSecondMax = -1,
            EmptyFramesInARowMax = -1,
            ContinuationsPerBlockMax = -1,
            CallIdleSeconds = 0.04,
            CallBytesMin = 0,
            UnsentBytesMax = 1,
        };

        Assert.Equal(
            [
                "Http2:ConnectionsMax must be 1 to 1000000, not 0.",
                "Http2:ConnectionsPerAddressMax must be 0 to 1000000, not -1.",
                "Http2:KeepAliveSeconds must be 0.05 to 86400, not 0.",
                "Http2:PrefaceSeconds must be 0.05 to 86400, not NaN.",
                "Http2:RequestHeadersSeconds must be 0.05 to 86400, not 86401.",
                "Http2:PingDelaySeconds must be 1 to 86400, not 0.9.",
                "Http2:PingTimeoutSeconds must be 1 to 86400, not Infinity.",
                "Http2:StreamsPerConnectionMax must be 1 to 10000, not 0.",
                "Http2:HeaderBytesMax must be 1024 to 1048576, not 1023.",
                "Http2:HeaderCountMax must be 8 to 1000, not 7.",
                "Http2:HeaderTableBytes must be 0 to 65536, not -1.",
                "Http2:FrameBytesMax must be 16384 to 16777215, not 16777216.",
                "Http2:ConnectionWindowBytes must be 65536 to 1073741824, not 65535.",
                "Http2:StreamWindowBytes must be 65536 to 65536, not 65537.",
                "Http2:SettingsAndPingsPerSecondMax must be 0 to 1000000, not -1.",
                "Http2:PrioritiesAndWindowUpdatesPerSecondMax must be 0 to 1000000, not -1.",
                "Http2:ResetsPerSecondMax must be 0 to 1000000, not -1.",
                "Http2:EmptyFramesInARowMax must be 0 to 1000000, not -1.",
                "Http2:ContinuationsPerBlockMax must be 0 to 1000000, not -1.",
                "Http2:CallIdleSeconds must be 0.05 to 86400, not 0.04.",
                "Http2:CallBytesMin must be 1 to 1073741824, not 0.",
                "Http2:UnsentBytesMax must be 1048576 to 9223372036854775807, not 1.",
            ],
            new Http2OptionsValidator().Validate(null, options).Failures!);
    }

    [Theory]
    [InlineData("Limits:SessionsMax", "Limits:CreditsPerStream")]
    [InlineData("Http2:ConnectionsMax", "Http2:CallIdleSeconds")]
    public async Task Start_WrongSettings_DoesNotStart(string one, string other)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => TestService.StartAsync((one, "0"), (other, "0")));

        Assert.Equal(2, error.Failures.Count());
    }
}
