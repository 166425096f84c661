using Google.Protobuf.Reflection;

namespace Adam.Architecture.Tests.Contract;

/// <summary>Finds what a newer contract took away from an older one: every such thing breaks somebody's client.</summary>
internal static class ContractChanges
{
    /// <summary>One line for each message, field, enum value, service or rpc that is gone or is not what it was.</summary>
    public static IReadOnlyList<string> Breaking(FileDescriptorSet older, FileDescriptorSet newer)
    {
        var now = Facts(newer);
        return [.. Facts(older)
            .Where(fact => !now.TryGetValue(fact.Key, out var value) || value != fact.Value)
            .Select(fact => $"{fact.Key}: was '{fact.Value}', is '{now.GetValueOrDefault(fact.Key, "gone")}'")];
    }

    // What a client depends on, as names with values. A field is known by its number: its name may not change either,
    // because JSON and dynamic clients use it.
    private static SortedDictionary<string, string> Facts(FileDescriptorSet set)
    {
        var facts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in set.File)
        {
            foreach (var message in file.MessageType)
            {
                AddMessage(facts, $"{file.Package}.{message.Name}", message);
            }

            foreach (var type in file.EnumType)
            {
                AddEnum(facts, $"{file.Package}.{type.Name}", type);
            }

            foreach (var service in file.Service)
            {
                foreach (var method in service.Method)
                {
                    facts[$"rpc {file.Package}.{service.Name}/{method.Name}"] =
                        $"{(method.ClientStreaming ? "stream " : "")}{method.InputType} -> {(method.ServerStreaming ? "stream " : "")}{method.OutputType}";
                }
            }
        }

        return facts;
    }

    private static void AddMessage(SortedDictionary<string, string> facts, string name, DescriptorProto message)
    {
        facts[$"message {name}"] = "there";
        foreach (var field in message.Field)
        {
            var group = field.HasOneofIndex ? $" in {message.OneofDecl[field.OneofIndex].Name}" : "";
            facts[$"field {name}#{field.Number}"] = $"{field.Label} {field.Type} {field.TypeName} {field.Name}{group}";
        }

        foreach (var nested in message.NestedType)
        {
            AddMessage(facts, $"{name}.{nested.Name}", nested);
        }

        foreach (var type in message.EnumType)
        {
            AddEnum(facts, $"{name}.{type.Name}", type);
        }
    }

    private static void AddEnum(SortedDictionary<string, string> facts, string name, EnumDescriptorProto type)
    {
        foreach (var value in type.Value)
        {
            facts[$"enum {name}#{value.Number}"] = value.Name;
        }
    }
}
