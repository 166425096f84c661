using Adam.Engine.Options;

namespace Adam.Engine.Tests.Options;

public sealed class PythonReprTests
{
    [Theory]
    [InlineData(0.0, "0.0")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(1.0, "1.0")]
    [InlineData(-1.0, "-1.0")]
    [InlineData(0.1, "0.1")]
    [InlineData(1.5, "1.5")]
    [InlineData(1e-7, "1e-07")]
    [InlineData(1.5e-7, "1.5e-07")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00012345, "0.00012345")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(123456.789, "123456.789")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(9007199254740993.0, "9007199254740992.0")]
    [InlineData(1e16, "1e+16")]
    [InlineData(1.25e22, "1.25e+22")]
    [InlineData(-1e100, "-1e+100")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(1.7976931348623157e308, "1.7976931348623157e+308")]
    [InlineData(0.0010000000474974513, "0.0010000000474974513")]
    [InlineData(double.PositiveInfinity, "inf")]
    [InlineData(double.NegativeInfinity, "-inf")]
    [InlineData(double.NaN, "nan")]
    public void Of_Double_ReadsAsInPython(double value, string expected) => Assert.Equal(expected, PythonRepr.Of(value));

    [Fact]
    public void Of_Null_IsNone() => Assert.Equal("None", PythonRepr.Of(null));
}
