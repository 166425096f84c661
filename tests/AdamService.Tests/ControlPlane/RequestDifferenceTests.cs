using Adam.Service.ControlPlane;
using Adam.V1;

namespace Adam.Service.Tests.ControlPlane;

public sealed class RequestDifferenceTests
{
    [Fact]
    public void Between_EqualMessages_IsNothing() =>
        Assert.Empty(RequestDifference.Between(
            new CreateSessionRequest { SessionId = "a", Labels = { ["x"] = "1", ["y"] = "2" } },
            new CreateSessionRequest { SessionId = "a", Labels = { ["y"] = "2", ["x"] = "1" } }));

    [Fact]
    public void Between_PresenceOfADefault_IsADifference() =>
        Assert.Equal(["weight_decay"], RequestDifference.Between(new AdamConfig(), new AdamConfig { WeightDecay = 0 }));

    [Fact]
    public void Between_OtherSourceOfAOneof_NamesBoth() =>
        Assert.Equal(
            ["learning_rate.value", "learning_rate.schedule"],
            RequestDifference.Between(
                new AdamConfig { LearningRate = new LearningRate { Value = 1 } },
                new AdamConfig { LearningRate = new LearningRate { Schedule = new LearningRateSchedule() } }));

    [Fact]
    public void Between_ListsOfMessages_NamesTheElements() =>
        Assert.Equal(
            ["tensors[0].name", "tensors[1].shape[1]"],
            RequestDifference.Between(
                new CreateSessionRequest { Tensors = { new TensorSpec { Name = "a" }, new TensorSpec { Shape = { 1, 2 } } } },
                new CreateSessionRequest { Tensors = { new TensorSpec { Name = "b" }, new TensorSpec { Shape = { 1, 3 } } } }));

    [Fact]
    public void Between_NotANumber_EqualsItself() =>
        Assert.Empty(RequestDifference.Between(new AdamConfig { Beta1 = double.NaN }, new AdamConfig { Beta1 = double.NaN }));
}
