namespace Adam.Engine.Tests.Keras;

public sealed class PythonTypesTests
{
    [Fact]
    public void Equals_SameNames_IsByValue()
    {
        PythonTypes types = PythonTypes.WithUnusual("b", "a", "b");

        Assert.Equal(PythonTypes.WithUnusual("a", "b"), types);
        Assert.True(types == PythonTypes.WithUnusual("a", "b"));
        Assert.True(types != PythonTypes.WithUnusual("a"));
        Assert.Equal(["a", "b"], types.Unusual);
        Assert.Equal(default, PythonTypes.WithUnusual());
        Assert.Equal(types.GetHashCode(), PythonTypes.WithUnusual("a", "b").GetHashCode());
    }

    [Fact]
    public void IsUnusual_Default_IsNever()
    {
        Assert.False(default(PythonTypes).IsUnusual("decay_steps"));
        Assert.True(PythonTypes.WithUnusual("decay_steps").IsUnusual("decay_steps"));
    }

    [Fact]
    public void Equals_OptionsWithOtherTypes_AreNotEqual() =>
        Assert.NotEqual(new AdamOptions(), new AdamOptions { PythonTypes = PythonTypes.WithUnusual("loss_scale_factor") });
}
