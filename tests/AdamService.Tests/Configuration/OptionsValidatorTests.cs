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
    }

    [Fact]
    public void Validate_EveryLimitTooLow_NamesEachWithItsRange()
    {
        var options = new LimitsOptions
        {
            MessageBytesMax = 1,
            ChunkBytesMax = 1,
            MemoryBytes = -1,
            SessionsMax = 0,
            TensorsPerSessionMax = 0,
            WorkersPerSessionMax = 0,
            QueuedPerSessionMax = 0,
            CreditsPerStream = 0,
        };

        var result = new LimitsOptionsValidator().Validate(null, options);

        Assert.Equal(
            [
                "Limits:MessageBytesMax must be 65536 to 1073741824, not 1.",
                "Limits:ChunkBytesMax must be 4096 to 4096, not 1.",
                "Limits:MemoryBytes must be 0 to 9223372036854775807, not -1.",
                "Limits:SessionsMax must be 1 to 1000000, not 0.",
                "Limits:TensorsPerSessionMax must be 1 to 100000, not 0.",
                "Limits:WorkersPerSessionMax must be 1 to 100000, not 0.",
                "Limits:QueuedPerSessionMax must be 1 to 10000, not 0.",
                "Limits:CreditsPerStream must be 1 to 64, not 0.",
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
        var options = new ServerOptions { GrpcUrl = "nonsense", HttpUrl = "ftp://x", DrainSeconds = double.NaN };

        Assert.Equal(
            [
                "Server:GrpcUrl must be http://ADDRESS:PORT with an IP address or localhost, not 'nonsense'.",
                "Server:HttpUrl must be http://ADDRESS:PORT with an IP address or localhost, not 'ftp://x'.",
                "Server:DrainSeconds must be 0 to 600, not NaN.",
            ],
            new ServerOptionsValidator().Validate(null, options).Failures!);
    }

    [Fact]
    public async Task Start_WrongSettings_DoesNotStart()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => TestService.StartAsync(("Limits:SessionsMax", "0"), ("Limits:CreditsPerStream", "65")));

        Assert.Equal(2, error.Failures.Count());
    }
}
