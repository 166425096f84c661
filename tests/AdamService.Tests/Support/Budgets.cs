using Adam.Service.Configuration;
using Adam.Service.Limits;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.Support;

/// <summary>Memory budgets without a service.</summary>
internal static class Budgets
{
    public static MemoryBudget Of(long bytes) => new(Options.Create(new LimitsOptions { MemoryBytes = bytes }));

    /// <summary>Staging memory that keeps nothing.</summary>
    public static StagingMemory Staging(MemoryBudget budget) => new(budget, TimeProvider.System, TimeSpan.Zero);
}
