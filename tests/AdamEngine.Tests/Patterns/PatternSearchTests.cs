using Adam.Engine.Patterns;

namespace Adam.Engine.Tests.Patterns;

/// <summary>What Python's <c>re.search</c> of version 3.11 answers to the same.</summary>
public sealed class PatternSearchTests
{
    [Theory]
    [InlineData("kernel", "kernel_1")]
    [InlineData("^k.*l$", "kernel")]
    [InlineData("a|b|", "x")]
    [InlineData("a{2}", "baab")]
    [InlineData("^a{,2}b", "aab")]
    [InlineData("a{2,}", "aa")]
    [InlineData("a{1,3}?$", "caaa")]
    [InlineData("{", "{")]
    [InlineData("a{}", "a{}")]
    [InlineData("a{x}", "a{x}")]
    [InlineData("}]", "}]")]
    [InlineData("(?:ab)+c", "ababc")]
    [InlineData("(?P<n>a)(?P<m>b)", "ab")]
    [InlineData("^(?#any)a(?#text)*b", "aab")]
    [InlineData("(?#text)(?i)A", "a")]
    [InlineData("(?i)BIAS", "bias")]
    [InlineData("(?i:B)ias", "bias")]
    [InlineData("(?i)(?-i:b)IAS", "bias")]
    [InlineData("(?i)[a-c]", "B")]
    [InlineData("(?i)\u212a", "k")]
    [InlineData("(?i)k", "\u212a")]
    [InlineData("(?s:.)", "\n")]
    [InlineData("(?s).", "\n")]
    [InlineData("(?m)^b$", "a\nb\nc")]
    [InlineData("a$", "a\n")]
    [InlineData("[]a]", "]")]
    [InlineData("[^]a]", "b")]
    [InlineData("[a-]", "-")]
    [InlineData(@"[\-a]", "-")]
    [InlineData(@"[\d-]", "-")]
    [InlineData(@"[\b]", "\b")]
    [InlineData(@"^[\w.]+z", "a_1.z")]
    [InlineData(@"[\x61-\x63]", "c")]
    [InlineData(@"\141", "a")]
    [InlineData(@"[\60-\62]", "1")]
    [InlineData(@"\x61\u0062\U00000063\0", "abc\0")]
    [InlineData(@"\.\*\\", @".*\")]
    [InlineData(@"\n\t\r\f\v\a", "\n\t\r\f\v\a")]
    [InlineData(@"^\d\D\s\S\w\W$", "1a b_.")]
    [InlineData(@"\d", "\u0663")]
    [InlineData(@"^\w\w$", "\u00e9\u00b2")]
    [InlineData(@"\s", "\u001c")]
    [InlineData(@"\bb\b", "a b")]
    [InlineData(@"\Ba", "aa")]
    [InlineData(@"\Aa\Z", "a")]
    [InlineData("(a*)*b", "aaab")]
    [InlineData("(|a)+$", "aa")]
    [InlineData("(^)*a", "ba")]
    [InlineData("(((((((){999}){999}){999}){999}){999}){999})a", "a")]
    [InlineData("^(?:){2147483647}$", "\n")]
    [InlineData("^.$", "\U0001F600")]
    [InlineData("\\\u00e9", "\u00e9")]
    public void IsFoundIn_TextWithThePattern_IsTrue(string pattern, string text) => Assert.True(IsFound(pattern, text));

    [Theory]
    [InlineData("Kernel", "kernel")]
    [InlineData("^a$", "ab")]
    [InlineData("a{3}", "aa")]
    [InlineData("^a{1,2}$", "aaa")]
    [InlineData("(?i)(?-i:b)", "B")]
    [InlineData("(?i)[^a]", "A")]
    [InlineData(".", "\n")]
    [InlineData("^b$", "a\nb")]
    [InlineData(@"a\Z", "a\n")]
    [InlineData("[^a-c]", "b")]
    [InlineData(@"[^\w]", "_")]
    [InlineData(@"\bb", "ab")]
    [InlineData(@"\B", "a")]
    [InlineData("(a|b)c", "ab")]
    public void IsFoundIn_TextWithoutIt_IsFalse(string pattern, string text) => Assert.False(IsFound(pattern, text));

    [Theory]
    [InlineData("(")]
    [InlineData("a)")]
    [InlineData("(?")]
    [InlineData("(?:a")]
    [InlineData("(?x)a")]
    [InlineData("(?#a")]
    [InlineData("(?P<1>a)")]
    [InlineData("(?P<n>a)(?P<n>b)")]
    [InlineData("a|(?i)b")]
    [InlineData("[")]
    [InlineData("[]")]
    [InlineData("[b-a]")]
    [InlineData(@"[\w-a]")]
    [InlineData("[a-")]
    [InlineData("*")]
    [InlineData("{2}")]
    [InlineData("^*")]
    [InlineData("a**")]
    [InlineData("a{2}{3}")]
    [InlineData("a{3,2}")]
    [InlineData("a{99999999999}")]
    [InlineData(@"\")]
    [InlineData(@"\q")]
    [InlineData(@"\x6")]
    [InlineData(@"\U00110000")]
    [InlineData(@"\777")]
    [InlineData(@"[\8]")]
    public void Of_WhatPythonRefuses_IsRefused(string pattern) => Assert.Throws<FormatException>(() => PatternProgram.Of(pattern));

    [Theory]
    [InlineData("(?=a)")]
    [InlineData("(?!a)")]
    [InlineData("(?<=a)b")]
    [InlineData("(?>a)")]
    [InlineData("(a)(?(1)b)")]
    [InlineData("(?P<n>a)(?P=n)")]
    [InlineData(@"(a)\1")]
    [InlineData("a++")]
    public void Of_WhatNeedsBacktracking_IsRefused(string pattern) => Assert.Throws<NotSupportedException>(() => PatternProgram.Of(pattern));

    [Fact]
    public void IsFoundIn_TextThatTakesBacktrackingForever_TakesFewSteps() =>
        Assert.False(new PatternSearch(PatternProgram.Of("^(a|aa|a*)*$"), stepsMax: 100_000).IsFoundIn(new string('a', 1000) + "b"));

    [Fact]
    public void IsFoundIn_MoreStepsThanAllowed_Throws()
    {
        var search = new PatternSearch(PatternProgram.Of("a"), stepsMax: 10);

        Assert.Throws<TimeoutException>(() => search.IsFoundIn(new string('b', 10)));
    }

    [Theory]
    [InlineData("((((((a{9}){9}){9}){9}){9}){9})")]
    [InlineData("(?:a|(?:b|(?:){9999}){9999}){9999}")]
    [InlineData("a{2147483647}")]
    [InlineData("(?:a{,2147483647}){2147483647}")]
    public void Of_RepeatsOfRepeats_AreRefusedBeforeTheyAreWrittenOut(string pattern) =>
        Assert.Contains("too long", Assert.Throws<FormatException>(() => PatternProgram.Of(pattern)).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_GroupsInsideOfEachOther_AreLimited()
    {
        PatternProgram.Of(new string('(', 100) + new string(')', 100));

        Assert.Throws<FormatException>(() => PatternProgram.Of(new string('(', 101) + new string(')', 101)));
    }

    // An automaton over classes of characters, such as that of .NET, takes memory by the square of different characters: gigabytes here.
    [Fact]
    public void Of_ManyDifferentCharacters_AllocatesByTheLength()
    {
        string pattern = string.Concat(Enumerable.Range(0, 16_000).Select(index => (char)(0x100 + index)));
        PatternProgram.Of(pattern);

        long before = GC.GetAllocatedBytesForCurrentThread();
        PatternProgram.Of(pattern);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500L * pattern.Length);
    }

    private static bool IsFound(string pattern, string text) => new PatternSearch(PatternProgram.Of(pattern), 1_000_000).IsFoundIn(text);
}
