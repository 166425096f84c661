using Adam.Service.Sessions;

namespace Adam.Service.Tests.Sessions;

public sealed class SessionIdTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("A.b_c-9")]
    public void IsValid_Ids_AreAccepted(string id) => Assert.True(SessionId.IsValid(id));

    [Theory]
    [InlineData("")]
    [InlineData("_a")]
    [InlineData("a\n")]
    [InlineData("a/b")]
    [InlineData("é")]
    [InlineData("٣")]
    public void IsValid_OtherText_IsNot(string id) => Assert.False(SessionId.IsValid(id));

    [Fact]
    public void IsValid_Length_IsAtMost128()
    {
        Assert.True(SessionId.IsValid(new string('a', 128)));
        Assert.False(SessionId.IsValid(new string('a', 129)));
    }
}
