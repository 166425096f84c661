namespace Adam.Architecture.Tests.GrpcApi;

/// <summary>
/// The product uses nothing of the gRPC runtime but what the official packages have under the same name, so that it builds with them as well.
/// </summary>
public sealed class OfficialNamesTests
{
    private static readonly string[] Runtime = ["AdamGrpc", "AdamGrpc.AspNetCore"];

    private static readonly IReadOnlySet<string> Official = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "GrpcApi", "official-names.txt"))
        .Where(line => line.Length > 0 && line[0] != '#')
        .ToHashSet(StringComparer.Ordinal);

    private static readonly string[] Product = ["AdamContracts", "AdamService", "AdamClient"];

    public static TheoryData<string> Assemblies => [.. Product];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Product_UsesOfTheRuntime_OnlyWhatTheOfficialPackagesHave(string assembly)
    {
        var used = UsedBy(assembly);
        var others = string.Join('\n', used.Except(Official));

        Assert.NotEmpty(used);
        Assert.True(others.Length == 0, $"{assembly} uses names that are not on the list of official ones:\n{others}");
    }

    [Fact]
    public void OfficialNames_NoLongerUsed_AreTakenOffTheList()
    {
        Assert.Empty(Official.Except(Product.SelectMany(UsedBy)));
    }

    private static IReadOnlyCollection<string> UsedBy(string assembly) =>
        UsedApi.Of(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll"), Runtime);
}
