using System.Reflection;

namespace Adam.Architecture.Tests.Rooms;

public sealed class DependencyDirectionTests
{
    public static TheoryData<string> Rooms => [.. RoomNames()];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void References_OfARoom_AreDrawnInArchitecture(string room)
    {
        var drawn = DrawnArrows.Read();
        Assert.True(drawn.ContainsKey(room), $"ARCHITECTURE.md draws no arrows for src/{room}.");

        var assembly = Assembly.Load(room);
        var undrawn = assembly.GetReferencedAssemblies()
            .Select(reference => TargetOf(reference.Name!))
            .Distinct()
            .Except(drawn[room])
            .ToList();

        Assert.True(undrawn.Count == 0, $"{room} references {string.Join(", ", undrawn)}, which ARCHITECTURE.md does not draw.");
    }

    [Fact]
    public void Rooms_OfTheDrawing_Exist()
    {
        Assert.Equal(RoomNames().Order(), DrawnArrows.Read().Keys.Order());
    }

    [Theory]
    [InlineData("System.CommandLine", "System.CommandLine")]
    [InlineData("System.Runtime", "BCL")]
    [InlineData("Microsoft.AspNetCore.Http", "ASP.NET Core")]
    [InlineData("Microsoft.Extensions.Hosting.Abstractions", "Microsoft.Extensions")]
    [InlineData("Serilog.Extensions.Logging", "Serilog")]
    [InlineData("AdamEngine", "AdamEngine")]
    public void TargetOf_AnAssembly_IsTheNameInTheDrawing(string assembly, string target)
    {
        Assert.Equal(target, TargetOf(assembly));
    }

    private static IEnumerable<string> RoomNames() =>
        Directory.EnumerateDirectories(Repository.PathOf("src")).Select(folder => Path.GetFileName(folder)!);

    // Packages that share a prefix with the framework come first.
    private static string TargetOf(string assembly) => assembly switch
    {
        "System.CommandLine" => assembly,
        "netstandard" or "mscorlib" => "BCL",
        _ when assembly.StartsWith("System.", StringComparison.Ordinal) => "BCL",
        _ when assembly.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) => "ASP.NET Core",
        _ when assembly.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) => "Microsoft.Extensions",
        _ when assembly.StartsWith("Serilog", StringComparison.Ordinal) => "Serilog",
        _ => assembly,
    };
}
