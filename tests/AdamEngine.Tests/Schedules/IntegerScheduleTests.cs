using System.Globalization;
using Adam.Engine.Tests.Keras;
using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Schedules;

/// <summary>
/// Schedules whose first rate is a Python int. The numbers were made with NumPy 1.24 under NumPy 2's promotion rule, operation by
/// operation as Keras's numpy backend does them; the same procedure gives the recorded tables of the float schedules bit for bit.
/// </summary>
public sealed class IntegerScheduleTests
{
    private static readonly long[] Steps = [0, 1, 3, 7, 10, 11, 29, 50, 100, 123456789, 2147483646];

    // Also rows whose first value is a float, where single values or boundaries have the other type.
    private static readonly (string ClassName, string Config, string Bits)[] Tables =
    [
        (
            "ExponentialDecay",
            """{"initial_learning_rate": 1, "decay_steps": 10, "decay_rate": 0.96}""",
            "3F800000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000"),
        (
            "ExponentialDecay",
            """{"initial_learning_rate": 3, "decay_steps": 7, "decay_rate": 2, "staircase": true}""",
            "40400000 40400000 40400000 40C00000 40C00000 40C00000 42400000 43C00000 47400000 7F800000 7F800000"),
        (
            "ExponentialDecay",
            """{"initial_learning_rate": 16777217, "decay_steps": 100000007, "decay_rate": 3}""",
            "4B800000 4B800000 4B800000 4B800001 4B800001 4B800001 4B800003 4B800005 4B800009 4C787032 5C834EC3"),
        (
            "ExponentialDecay",
            """{"initial_learning_rate": 1, "decay_steps": 0.5, "decay_rate": 2.0}""",
            "NaN 7F800000 7F800000 7F800000 7F800000 7F800000 7F800000 7F800000 7F800000 7F800000 7F800000"),
        (
            "InverseTimeDecay",
            """{"initial_learning_rate": 1, "decay_steps": 10, "decay_rate": 0.5}""",
            "3F800000 3F800000 3F800000 3F800000 3F800000 3F800000 3F800000 3F800000 3F800000 3F800000 3F800000"),
        (
            "InverseTimeDecay",
            """{"initial_learning_rate": 1, "decay_steps": 3.7, "decay_rate": 2.9, "staircase": true}""",
            "3F800000 3F800000 3EAAAAAB 3E4CCCCD 3E124925 3E124925 3D579436 3CF83E10 3C74898D 3250BC44 30400000"),
        (
            "InverseTimeDecay",
            """{"initial_learning_rate": 5, "decay_steps": 7, "decay_rate": 3}""",
            "40A00000 40600000 400C0001 3FA00000 3F722984 3F600000 3EBEA367 3E6447BF 3DE97C3F 33CAEFED 31BAAAAA"),
        (
            "PiecewiseConstantDecay",
            """{"boundaries": [2, 10], "values": [3, 2, 1]}""",
            "40400000 40400000 40000000 40000000 40000000 3F800000 3F800000 3F800000 3F800000 3F800000 3F800000"),
        (
            "PiecewiseConstantDecay",
            """{"boundaries": [10, 2], "values": [2147483647, 2, 2147483647]}""",
            "4F000000 4F000000 C0000000 C0000000 C0000000 4F000000 4F000000 4F000000 4F000000 4F000000 4F000000"),
        (
            "PiecewiseConstantDecay",
            """{"boundaries": [2.9, 10], "values": [0.5, 16777217, 3]}""",
            "3F000000 3F000000 4B800000 4B800000 4B800000 40400000 40400000 40400000 40400000 40400000 40400000"),
        (
            "PiecewiseConstantDecay",
            """{"boundaries": [10, 2, 100], "values": [0.1, 16777217, 33554433, 0.7]}""",
            "3DCCCCCD 3DCCCCCD 4C000000 4C000000 4C000000 4C000000 4C000000 4C000000 4C000000 3F333333 3F333333"),
        (
            "PiecewiseConstantDecay",
            """{"boundaries": [16777217.0], "values": [0.5, 0.25]}""",
            "3F000000 3F000000 3F000000 3F000000 3F000000 3F000000 3F000000 3F000000 3F000000 3E800000 3E800000"),
        (
            "PolynomialDecay",
            """{"initial_learning_rate": 1, "decay_steps": 100}""",
            "3F800000 3F7D70A4 3F7851EC 3F6E147B 3F666666 3F63D70A 3F35C290 3F000000 00000000 00000000 00000000"),
        (
            "PolynomialDecay",
            """{"initial_learning_rate": 7, "decay_steps": 100.9, "end_learning_rate": 2.9, "power": 2.9}""",
            "40E00000 40DCD0E6 40D68B44 40CA624E 40C19999 40BEBC6A 4090A7F0 40500000 40000000 40000000 40000000"),
        (
            "PolynomialDecay",
            """{"initial_learning_rate": 1, "decay_steps": 20.5, "end_learning_rate": 0.1, "power": 0.5, "cycle": true}""",
            "3F800000 3F800000 3F800000 3F800000 3F800000 3F800000 3F800000 3F800000 3F800000 3F800000 3F800000"),
        (
            "PolynomialDecay",
            """{"initial_learning_rate": 5, "decay_steps": 7, "end_learning_rate": 1, "power": 3, "cycle": true}""",
            "40A00000 4061367C 3FDF8894 3F800000 3F8BF112 3F8509B4 3F829454 3F80A136 3F800E27 3F800000 3F800000"),
        (
            "PolynomialDecay",
            """{"initial_learning_rate": 2147483647, "decay_steps": 7, "end_learning_rate": -5, "power": 1}""",
            "CF000000 CEDB6DB7 CE924924 C0A00000 C0A00000 C0A00000 C0A00000 C0A00000 C0A00000 C0A00000 C0A00000"),
        (
            "CosineDecay",
            """{"initial_learning_rate": 0, "decay_steps": 1000, "warmup_target": 0.1, "warmup_steps": 1000}""",
            "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000"),
        (
            "CosineDecay",
            """{"initial_learning_rate": 1, "decay_steps": 100, "alpha": 0.1}""",
            "3F800000 3F7FF2BB 3F7F88A4 3F7D781B 3F7ADAD2 3F79C8B9 3F571582 3F14F2ED 3DD605DE 3DD605DE 3DD605DE"),
        (
            "CosineDecay",
            """{"initial_learning_rate": 2, "decay_steps": 50.9, "alpha": 0, "warmup_target": 7.9, "warmup_steps": 11.5}""",
            "40000000 401D1746 405745D1 40A5D174 40D1745D 40E00000 40A4C9EC 3F88633E 3D0F77B0 3D0F77B0 3D0F77B0"),
        (
            "CosineDecay",
            """{"initial_learning_rate": 1, "decay_steps": 2147483647, "warmup_target": 3, "warmup_steps": 5}""",
            "CE4CCCCD CE4CCCCD CE4CCCCD CE4CCCCD CE4CCCCD CE4CCCCD CE4CCCCD CE4CCCCD CE4CCCCD CE4CCCCD CE4CCCCD"),
        (
            "CosineDecay",
            """{"initial_learning_rate": -2147483648, "decay_steps": 100, "warmup_target": 2147483647, "warmup_steps": 7}""",
            "CF000000 CF000000 CF000000 4F000000 4EFF7B61 4EFF145A 4EE51E78 4EA378B3 4C7A9240 4B23F680 4B23F680"),
        (
            "CosineDecayRestarts",
            """{"initial_learning_rate": 1, "first_decay_steps": 10}""",
            "3F800000 3F7A4878 3F4F90EA 3E7D84D2 3F800000 3F7E900D 3CACE740 3F090DEB 3F3730CB 3F13D75A 3EC5D614"),
        (
            "CosineDecayRestarts",
            """{"initial_learning_rate": 2, "first_decay_steps": 7.9, "t_mul": 3.5, "m_mul": 0.9, "alpha": 0.3}""",
            "40000000 3FF46C79 3FA3FF8C 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000"),
        (
            "CosineDecayRestarts",
            """{"initial_learning_rate": 2, "first_decay_steps": 9, "t_mul": 1, "m_mul": 2, "alpha": 1}""",
            "40000000 40000000 40000000 40000000 40000000 40000000 40000000 40000000 40000000 NaN NaN"),
        (
            "CosineDecayRestarts",
            """{"initial_learning_rate": 1, "first_decay_steps": 10, "t_mul": 1.5, "m_mul": 1.0}""",
            "3F800000 3F7A4878 3F4F90EA 3E7D84D2 3F800000 3F7A4878 3D4475E0 3F800000 3F800000 3F7A4878 3E124BD8"),
        (
            "CosineDecayRestarts",
            """{"initial_learning_rate": 3, "first_decay_steps": 11, "t_mul": 4, "m_mul": 1, "alpha": 3}""",
            "40400000 404718AA 407CC22E 40DFDC40 410BF051 40400000 409FAAA2 410A852A 4075C451 408CB056 409B97B9"),
        (
            "CosineDecayRestarts",
            """{"initial_learning_rate": 3, "first_decay_steps": 11, "t_mul": 0.5, "m_mul": 1}""",
            "40400000 NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN"),
        (
            "CosineDecayRestarts",
            """{"initial_learning_rate": 3, "first_decay_steps": 11, "t_mul": -2, "m_mul": 2}""",
            "NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN"),
    ];

    public static TheoryData<int> Indices => [.. Enumerable.Range(0, Tables.Length)];

    [Theory]
    [MemberData(nameof(Indices))]
    public void At_Integers_GivesNumPyBits(int index)
    {
        (string className, string config, string bits) = Tables[index];
        LearningRateSchedule schedule = KerasFiles.Schedule(className, config);
        string[] expected = bits.Split(' ');

        Assert.Equal(Steps.Length, expected.Length);
        for (int i = 0; i < Steps.Length; i++)
        {
            float rate = expected[i] == "NaN"
                ? float.NaN
                : BitConverter.UInt32BitsToSingle(uint.Parse(expected[i], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            Bits.AssertSame(rate, schedule.At(Steps[i]), $"{className} {config} at {Steps[i]}");
        }
    }

    [Fact]
    public void At_TypedSchedule_ComputesInFloats() => Assert.Equal(0.5f, new CosineDecay(0, 10, WarmupTarget: 1, WarmupSteps: 10).At(5));

    [Fact]
    public void Validate_NoInt32_SaysToWriteAFloat()
    {
        var schedule = new CosineDecay(1, 10, WarmupTarget: double.NaN, WarmupSteps: 1e10)
        {
            PythonTypes = PythonTypes.WithUnusual("initial_learning_rate"),
        };

        IReadOnlyList<OptionError> errors = schedule.Validate();

        Assert.Equal(["warmup_target", "warmup_steps"], errors.Select(error => error.Field));
        Assert.All(errors, error => Assert.EndsWith("1.0 instead of 1.", error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Validate_IntegerWithoutWarmup_DoesNotLookAtItsSteps() =>
        Assert.Empty((new CosineDecay(1, 10, WarmupSteps: 1e10) { PythonTypes = PythonTypes.WithUnusual("initial_learning_rate") }).Validate());
}
