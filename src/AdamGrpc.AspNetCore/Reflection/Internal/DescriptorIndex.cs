using Google.Protobuf.Reflection;

namespace Grpc.AspNetCore.Reflection.Internal;

/// <summary>The descriptor files of a set of services, by name and by the symbols they declare.</summary>
internal sealed class DescriptorIndex
{
    private readonly Dictionary<string, FileDescriptor> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _symbols = new(StringComparer.Ordinal);

    public DescriptorIndex(IEnumerable<ServiceDescriptor> services)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (ServiceDescriptor service in services)
        {
            names.Add(service.FullName);
            AddFile(service.File);
        }

        ServiceNames = [.. names];
    }

    /// <summary>The full names of the services, sorted.</summary>
    public IReadOnlyList<string> ServiceNames { get; }

    /// <summary>The file of a name, or null when there is none.</summary>
    public FileDescriptor? FindFile(string name) => _files.GetValueOrDefault(name);

    /// <summary>The file that declares a symbol, or null when none does.</summary>
    public FileDescriptor? FindSymbol(string fullName) => _symbols.GetValueOrDefault(fullName);

    private void AddFile(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (FileDescriptor dependency in file.Dependencies)
        {
            AddFile(dependency);
        }

        foreach (ServiceDescriptor service in file.Services)
        {
            Add(service);
            AddAll(service.Methods);
        }

        foreach (MessageDescriptor message in file.MessageTypes)
        {
            AddMessage(message);
        }

        foreach (EnumDescriptor enumeration in file.EnumTypes)
        {
            AddEnum(enumeration);
        }

        AddAll(file.Extensions.UnorderedExtensions);
    }

    private void AddMessage(MessageDescriptor message)
    {
        Add(message);
        AddAll(message.Fields.InDeclarationOrder());
        AddAll(message.Oneofs);
        AddAll(message.Extensions.UnorderedExtensions);
        foreach (MessageDescriptor nested in message.NestedTypes)
        {
            AddMessage(nested);
        }

        foreach (EnumDescriptor nested in message.EnumTypes)
        {
            AddEnum(nested);
        }
    }

    private void AddEnum(EnumDescriptor enumeration)
    {
        Add(enumeration);
        AddAll(enumeration.Values);
    }

    private void AddAll(IEnumerable<IDescriptor> descriptors)
    {
        foreach (IDescriptor descriptor in descriptors)
        {
            Add(descriptor);
        }
    }

    private void Add(IDescriptor descriptor) => _symbols.TryAdd(descriptor.FullName, descriptor.File);
}
