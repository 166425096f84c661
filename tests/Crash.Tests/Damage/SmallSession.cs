using Adam.Crash.Tests.Recovered;
using Adam.Crash.Tests.Workload;

namespace Adam.Crash.Tests.Damage;

/// <summary>A session of a small directory.</summary>
/// <param name="Client">Who trained it.</param>
/// <param name="Folder">The name of its folder.</param>
/// <param name="Reference">What it is after each number of batches.</param>
internal sealed record SmallSession(PlainClient Client, string Folder, Reference Reference);
