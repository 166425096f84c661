namespace Adam.Engine.Tests.Variables;

public sealed class WeightDecayExclusionTests
{
    private static readonly VariableSpec[] Variables =
        [new("dense/kernel", [1]), new("dense/bias", [1]), new("scale", [1]), new("embed/table", [1])];

    [Theory]
    [InlineData(new string[0], new int[0])]
    [InlineData(new[] { "bias" }, new[] { 1 })]
    [InlineData(new[] { "dense" }, new int[0])]
    [InlineData(new[] { "bias", "^scale$" }, new[] { 1, 2 })]
    [InlineData(new[] { "^b.*s$|tab" }, new[] { 1, 3 })]
    [InlineData(new[] { "Bias" }, new int[0])]
    [InlineData(new[] { "(?i)BIAS" }, new[] { 1 })]
    [InlineData(new[] { "e" }, new[] { 0, 2, 3 })]
    [InlineData(new[] { "" }, new[] { 0, 1, 2, 3 })]
    [InlineData(new[] { "(bias", "scale)" }, new[] { 1, 2 })]
    public void Resolve_Patterns_SearchesTheLastComponent(string[] patterns, int[] expected) =>
        Assert.Equal(expected, WeightDecayExclusion.Resolve(patterns, Variables));

    [Theory]
    [InlineData("(")]
    [InlineData("[a")]
    [InlineData("*")]
    public void Resolve_BadSyntax_NamesThePattern(string pattern)
    {
        var refusal = Assert.Throws<AdamOptionsException>(() => WeightDecayExclusion.Resolve(["bias", pattern], Variables));

        OptionError error = Assert.Single(refusal.Errors);
        Assert.Equal("exclude_from_weight_decay.var_names[1]", error.Field);
        Assert.StartsWith($"The pattern '{pattern}' is not a supported regular expression. ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(?=bias)")]
    [InlineData(@"(a)\1")]
    public void Resolve_UnsupportedSyntax_SaysWhatIsNot(string pattern)
    {
        var refusal = Assert.Throws<AdamOptionsException>(() => WeightDecayExclusion.Resolve([pattern], Variables));

        Assert.Contains("Look-around", Assert.Single(refusal.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_PatternsThatOnlyFailTogether_ShowsTheJoinedOne()
    {
        // Flags of the whole stand at the beginning of the whole.
        var refusal = Assert.Throws<AdamOptionsException>(() => WeightDecayExclusion.Resolve(["a", "(?i)b"], Variables));

        Assert.Contains("'a|(?i)b'", Assert.Single(refusal.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_NullPattern_IsRefused()
    {
        var refusal = Assert.Throws<AdamOptionsException>(() => WeightDecayExclusion.Resolve([null!], Variables));

        Assert.Equal("exclude_from_weight_decay.var_names[0]", Assert.Single(refusal.Errors).Field);
    }
}
