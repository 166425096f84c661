using Adam.Engine.Keras;

namespace Adam.Engine.Tests.Keras;

public sealed class PythonJsonReaderTests
{
    [Theory]
    [InlineData("NaN", "NaN")]
    [InlineData(" [ Infinity , -Infinity ] ", "[Infinity, -Infinity]")]
    [InlineData("1e999", "Infinity")]
    [InlineData("[0, -0, 12345678901234567890123, 1.0, 1E3, 0.1e-10, -0.0]", "[0, 0, 12345678901234567890123, 1.0, 1000.0, 1e-11, -0.0]")]
    [InlineData("{\t\"a\" :\r\n{ } , \"b\":[ ]}", """{"a": {}, "b": []}""")]
    [InlineData("\"\\u00e9\\/\\\"\\\\\\b\\f\\n\\r\\t\\ud834\\uDD1E é\u007f\"", "\"\\u00e9/\\\"\\\\\\b\\f\\n\\r\\t\\ud834\\udd1e \\u00e9\\u007f\"")]
    [InlineData("[true, false, null]", "[true, false, null]")]
    public void Json_ReadText_IsWhatPythonWrites(string text, string expected) =>
        Assert.Equal(expected, PythonText.Json(PythonJsonReader.Read(text)));

    [Theory]
    [InlineData("", "A value is expected, at line 1, column 1.")]
    [InlineData("\n {", "A name in double quotes is expected, at line 2, column 3.")]
    [InlineData("{\"a\": 1,}", "A name in double quotes")]
    [InlineData("{\"a\" 1}", "`:` is expected, at line 1, column 6.")]
    [InlineData("{\"a\": 1 \"b\": 2}", "`}` is expected")]
    [InlineData("{\"a\": 1, \"\\u0061\": 2}", "The name 'a' comes twice in one object, at line 1, column 10.")]
    [InlineData("[1", "`]` is expected")]
    [InlineData("[1,]", "A value is expected")]
    [InlineData("1 2", "Nothing may follow")]
    [InlineData("nul", "A value is expected")]
    [InlineData("nan", "A value is expected")]
    [InlineData("+1", "A value is expected")]
    [InlineData("01", "without leading zeros")]
    [InlineData("-", "A number must have")]
    [InlineData("1.", "A digit is expected")]
    [InlineData(".5", "A value is expected")]
    [InlineData("1e", "A digit is expected")]
    [InlineData("'a'", "A value is expected")]
    [InlineData("\"a", "must end with a double quote")]
    [InlineData("\"a\nb\"", "control characters")]
    [InlineData("\"\\x\"", "A backslash must begin")]
    [InlineData("\"\\u12\"", "A backslash must begin")]
    [InlineData("\"\\u12\0\0\"", "A backslash must begin")]
    [InlineData("\"\\ud834\"", "half a surrogate pair")]
    [InlineData("\"\\udd1e\\ud834\"", "half a surrogate pair")]
    [InlineData("\"\\", "A backslash must begin")]
    [InlineData("\0", "A value is expected")]
    public void Read_BadText_SaysWhatAndWhere(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<PythonJsonException>(() => PythonJsonReader.Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_TooDeep_IsRefused()
    {
        Assert.NotNull(PythonJsonReader.Read(new string('[', 32) + new string(']', 32)));
        Assert.Contains(
            "deeper than 32",
            Assert.Throws<PythonJsonException>(() => PythonJsonReader.Read(new string('[', 100_000))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TooManyDigits_IsRefused() =>
        Assert.Contains(
            "more than 4300 digits",
            Assert.Throws<PythonJsonException>(() => PythonJsonReader.Read(new string('1', 4301))).Message,
            StringComparison.Ordinal);
}
