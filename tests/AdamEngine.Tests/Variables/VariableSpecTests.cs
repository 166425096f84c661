namespace Adam.Engine.Tests.Variables;

public sealed class VariableSpecTests
{
    [Theory]
    [InlineData("dense/kernel", "kernel")]
    [InlineData("kernel", "kernel")]
    [InlineData("a/b/c", "c")]
    [InlineData("a/", "")]
    public void Name_Path_IsItsLastComponent(string path, string expected) => Assert.Equal(expected, new VariableSpec(path, []).Name);

    [Fact]
    public void ElementCount_Shapes_IsTheProduct()
    {
        Assert.Equal(1, new VariableSpec("scalar", []).ElementCount);
        Assert.Equal(0, new VariableSpec("empty", [0, 3]).ElementCount);
        Assert.Equal(24, new VariableSpec("cube", [2, 3, 4]).ElementCount);
        Assert.Equal(0, new VariableSpec("empty", [long.MaxValue, long.MaxValue, 0]).ElementCount);
        Assert.Throws<OverflowException>(() => new VariableSpec("huge", [long.MaxValue, 2]).ElementCount);
    }

    [Fact]
    public void Equals_SameShape_IsByValue()
    {
        Assert.Equal(new VariableSpec("a", [2, 3]), new VariableSpec("a", [2, 3]));
        Assert.Equal(new VariableSpec("a", [2, 3]).GetHashCode(), new VariableSpec("a", [2, 3]).GetHashCode());
        Assert.NotEqual(new VariableSpec("a", [2, 3]), new VariableSpec("a", [3, 2]));
        Assert.NotEqual(new VariableSpec("a", []), new VariableSpec("a", default));
        Assert.NotEqual(new VariableSpec("a", []), new VariableSpec("a", []) { ExcludedFromWeightDecay = true });
    }

    [Fact]
    public void Validate_ManyProblems_ListsEveryOne()
    {
        VariableSpec[] variables =
        [
            new("a", [2]),
            new("", [-1, 2]),
            new("a", [long.MaxValue, 2]),
            new("d", [long.MaxValue / 4]),
            new("e", default),
            new("f", [1]) { DType = TensorDType.BFloat16 },
            new("g", [1]) { DType = (TensorDType)7 },
            null!,
        ];

        IReadOnlyList<OptionError> errors = VariableSpecValidator.Validate(variables);

        Assert.Equal(
            [
                "variables[1].path", "variables[1].shape", "variables[2].path", "variables[2].shape", "variables[3].shape",
                "variables[4].shape", "variables[5].dtype", "variables[6].dtype", "variables[7]",
            ],
            errors.Select(error => error.Field));
        Assert.Contains("'a' is already that of variables[0]", errors[2].Message, StringComparison.Ordinal);
        Assert.Contains("more bytes than a 64-bit count", errors[4].Message, StringComparison.Ordinal);
        Assert.Contains("float32 or float16", errors[6].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_Fine_IsEmpty()
    {
        Assert.Empty(VariableSpecValidator.Validate([]));
        Assert.Empty(VariableSpecValidator.Validate([new("a", []), new("A", [0]), new("b/a", [2, 3])]));
    }
}
