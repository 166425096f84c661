using Adam.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Adam.Architecture.Tests.Contract;

/// <summary>The contract as it is built, and as it was committed.</summary>
internal static class ContractDescriptors
{
    /// <summary>The committed descriptor set.</summary>
    public static string CommittedPath => Repository.PathOf("proto/adam-v1.binpb");

    /// <summary>What the generated code was made of, with everything that it imports, in a fixed order.</summary>
    public static FileDescriptorSet Built()
    {
        FileDescriptor[] roots =
        [
            ErrorsReflection.Descriptor, TypesReflection.Descriptor, SessionsReflection.Descriptor, TrainingReflection.Descriptor,
            CheckpointsReflection.Descriptor, Google.Rpc.ErrorDetailsReflection.Descriptor,
        ];
        var files = new SortedDictionary<string, FileDescriptor>(StringComparer.Ordinal);
        foreach (var root in roots)
        {
            Collect(root, files);
        }

        return new FileDescriptorSet { File = { files.Values.Select(file => file.ToProto()) } };
    }

    /// <summary>The committed descriptor set.</summary>
    public static FileDescriptorSet Committed() =>
        File.Exists(CommittedPath) ? FileDescriptorSet.Parser.ParseFrom(File.ReadAllBytes(CommittedPath)) : new FileDescriptorSet();

    /// <summary>Replaces the committed descriptor set.</summary>
    public static void Commit() => File.WriteAllBytes(CommittedPath, Built().ToByteArray());

    private static void Collect(FileDescriptor file, SortedDictionary<string, FileDescriptor> files)
    {
        if (files.TryAdd(file.Name, file))
        {
            foreach (var dependency in file.Dependencies)
            {
                Collect(dependency, files);
            }
        }
    }
}
