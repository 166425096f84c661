using System.Collections.Concurrent;
using Adam.Service.Configuration;
using Microsoft.Extensions.Options;

namespace Adam.Service.Limits;

/// <summary>
/// The parts of the memory budget that belong to tenants, and within them to sessions. Calls carry no identity, so there is one tenant so far;
/// whoever tells callers apart asks for the budget of each by its name.
/// </summary>
/// <param name="server">The budget of the whole service.</param>
/// <param name="limits">The bounds of the parts.</param>
internal sealed class TenantBudgets(MemoryBudget server, IOptions<LimitsOptions> limits)
{
    /// <summary>Whose every session is, as long as callers are not told apart.</summary>
    public const string DefaultTenant = "default";

    private readonly ConcurrentDictionary<string, MemoryBudget> _tenants = new(StringComparer.Ordinal);

    /// <summary>The budget of a tenant: one for all of its sessions.</summary>
    public MemoryBudget Of(string tenant) => _tenants.GetOrAdd(
        tenant, name => server.Part($"tenant '{name}'", nameof(LimitsOptions.TenantMemoryBytes), limits.Value.TenantMemoryBytes));

    /// <summary>A budget for a session of a tenant.</summary>
    public MemoryBudget ForSession(string tenant, string sessionId) => Of(tenant).Part(
        $"session '{sessionId}'", nameof(LimitsOptions.SessionMemoryBytes), limits.Value.SessionMemoryBytes);
}
