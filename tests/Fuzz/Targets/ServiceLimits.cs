using Adam.Service.Configuration;
using Microsoft.Extensions.Options;

namespace Adam.Fuzz.Targets;

/// <summary>Limits that small inputs can reach.</summary>
internal sealed class ServiceLimits : IOptions<LimitsOptions>
{
    public LimitsOptions Value { get; } = new()
    {
        MessageBytesMax = 64 << 10,
        ChunkBytesMax = FuzzedSession.ChunkBytesMax,
        MemoryBytes = 1 << 20,
        SessionsMax = 3,
        TensorsPerSessionMax = 50,
        WorkersPerSessionMax = 3,
        QueuedPerSessionMax = 4,
    };
}
