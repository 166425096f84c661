using System.Text.RegularExpressions;

namespace Adam.Architecture.Tests.Contract;

public sealed partial class ProtoLintTests
{
    public static TheoryData<string> Files => [.. ProtoFiles.All];

    [Theory]
    [MemberData(nameof(Files))]
    public void Declarations_OfAProtoFile_HaveAComment(string file)
    {
        var lines = File.ReadAllLines(Repository.PathOf($"proto/{file}"));

        var bare = Enumerable.Range(0, lines.Length)
            .Where(i => Declaration().IsMatch(lines[i]) && (i == 0 || !lines[i - 1].TrimStart().StartsWith("//", StringComparison.Ordinal)))
            .Select(i => $"{file}:{i + 1}: {lines[i].Trim()}")
            .ToList();

        Assert.True(bare.Count == 0, "Without a comment on the line above:\n" + string.Join('\n', bare));
    }

    [Theory]
    [InlineData("message Tensor {", true)]
    [InlineData("  rpc Train(stream A) returns (stream B);", true)]
    [InlineData("  optional double beta_1 = 2;", true)]
    [InlineData("  map<string, string> labels = 7;", true)]
    [InlineData("  DTYPE_UNSPECIFIED = 0;", true)]
    [InlineData("  oneof source {", true)]
    [InlineData("option go_package = \"x\";", false)]
    [InlineData("// message in a comment = 3;", false)]
    [InlineData("import \"a.proto\";", false)]
    public void Declaration_Line_IsRecognised(string line, bool expected)
    {
        Assert.Equal(expected, Declaration().IsMatch(line));
    }

    [GeneratedRegex(@"^\s*(?!//|option |import |reserved )((message|enum|service|rpc|oneof)\s+\w+|.*=\s*\d+\s*(\[.*\])?;)")]
    private static partial Regex Declaration();
}
