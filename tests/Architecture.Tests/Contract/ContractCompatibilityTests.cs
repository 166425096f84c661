using Google.Protobuf.Reflection;

namespace Adam.Architecture.Tests.Contract;

public sealed class ContractCompatibilityTests
{
    // Set to 1 to write the present contract over the committed one, which is done together with a change of the contract.
    private const string UpdateVariable = "ADAM_UPDATE_DESCRIPTORS";

    [Fact]
    public void Contract_AgainstTheCommittedOne_TakesNothingAway()
    {
        var breaking = ContractChanges.Breaking(ContractDescriptors.Committed(), ContractDescriptors.Built());

        Assert.True(breaking.Count == 0, "Clients of the committed contract would break:\n" + string.Join('\n', breaking));
    }

    [Fact]
    public void CommittedContract_AgainstTheBuiltOne_IsUpToDate()
    {
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            // Only a contract that has grown may take the committed one's place; a broken one stays an error.
            Assert.Empty(ContractChanges.Breaking(ContractDescriptors.Committed(), ContractDescriptors.Built()));
            ContractDescriptors.Commit();
        }

        Assert.True(
            ContractDescriptors.Committed().Equals(ContractDescriptors.Built()),
            $"The contract has grown: run these tests once with {UpdateVariable}=1 and commit proto/adam-v1.binpb.");
    }

    [Fact]
    public void Enums_OfTheContract_BeginWithUnspecified()
    {
        var others = ContractDescriptors.Built().File
            .Where(file => file.Package == "adam.v1")
            .SelectMany(file => file.EnumType)
            .Where(type => type.Value[0].Number != 0 || !type.Value[0].Name.EndsWith("_UNSPECIFIED", StringComparison.Ordinal))
            .Select(type => type.Name);

        Assert.Empty(others);
    }

    [Fact]
    public void StreamMessages_OfTheContract_AreOneofs()
    {
        var built = ContractDescriptors.Built();
        var messages = built.File.SelectMany(file => file.MessageType).ToDictionary(message => message.Name);
        var streamed = built.File
            .Where(file => file.Package == "adam.v1")
            .SelectMany(file => file.Service)
            .SelectMany(service => service.Method)
            .SelectMany(method => new[]
            {
                method.ClientStreaming ? method.InputType : null,
                method.ServerStreaming ? method.OutputType : null,
            })
            .OfType<string>()
            .Select(type => messages[type.Split('.')[^1]]);

        Assert.All(streamed, message => Assert.All(message.Field, field => Assert.True(field.HasOneofIndex, $"{message.Name}.{field.Name}")));
    }

    [Theory]
    [MemberData(nameof(BreakingEdits))]
    public void Breaking_AnEditThatClientsWouldFeel_IsFound(string what, Action<FileDescriptorSet> edit)
    {
        var edited = ContractDescriptors.Built();
        edit(edited);

        Assert.True(ContractChanges.Breaking(ContractDescriptors.Built(), edited).Count > 0, what);
    }

    [Fact]
    public void Breaking_AnAddition_IsNotFound()
    {
        var grown = ContractDescriptors.Built();
        grown.File.Single(file => file.Name == "adam/v1/types.proto").MessageType[0].Field.Add(
            new FieldDescriptorProto { Name = "added", Number = 1000 });

        Assert.Empty(ContractChanges.Breaking(ContractDescriptors.Built(), grown));
    }

    public static TheoryData<string, Action<FileDescriptorSet>> BreakingEdits => new()
    {
        { "renumbered field", set => Message(set, "TensorChunk").Field[0].Number = 99 },
        { "renamed field", set => Message(set, "TensorChunk").Field[0].Name = "other" },
        { "changed type", set => Message(set, "TensorChunk").Field[0].Type = FieldDescriptorProto.Types.Type.String },
        { "removed message", set => File(set, "adam/v1/types.proto").MessageType.RemoveAt(0) },
        { "removed rpc", set => File(set, "adam/v1/training.proto").Service[0].Method.RemoveAt(0) },
        { "rpc made unary", set => File(set, "adam/v1/training.proto").Service[0].Method[0].ClientStreaming = false },
        { "renumbered enum value", set => File(set, "adam/v1/types.proto").EnumType[0].Value[1].Number = 77 },
    };

    private static FileDescriptorProto File(FileDescriptorSet set, string name) => set.File.Single(file => file.Name == name);

    private static DescriptorProto Message(FileDescriptorSet set, string name) =>
        File(set, "adam/v1/types.proto").MessageType.Single(message => message.Name == name);
}
