using System.Runtime.InteropServices;
using Google.Protobuf.Reflection;

namespace Grpc.AspNetCore.Reflection.Internal;

/// <summary>The descriptor files of a set of services, by name and by the symbols they declare.</summary>
internal sealed class DescriptorIndex
{
    private readonly Dictionary<string, FileDescriptor> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _symbols = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<int, FileDescriptor>> _extensions = new(StringComparer.Ordinal);

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

    /// <summary>The file that declares an extension, or null when none does.</summary>
    public FileDescriptor? FindExtension(string extendee, int number) =>
        _extensions.TryGetValue(extendee, out SortedDictionary<int, FileDescriptor>? files) ? files.GetValueOrDefault(number) : null;

    /// <summary>The numbers of the extensions of a message type, sorted, or null when there is no such type.</summary>
    public IReadOnlyCollection<int>? FindExtensionNumbers(string extendee) =>
        _extensions.TryGetValue(extendee, out SortedDictionary<int, FileDescriptor>? files) ? files.Keys : null;

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

        AddExtensions(file.Extensions);
    }

    private void AddMessage(MessageDescriptor message)
    {
        Add(message);
        ExtensionsOf(message);
        AddAll(message.Fields.InDeclarationOrder());
        AddAll(message.Oneofs);
        AddExtensions(message.Extensions);
        foreach (MessageDescriptor nested in message.NestedTypes)
        {
            AddMessage(nested);
        }

        foreach (EnumDescriptor nested in message.EnumTypes)
        {
            AddEnum(nested);
        }
    }

    private void AddExtensions(ExtensionCollection extensions)
    {
        foreach (FieldDescriptor extension in extensions.UnorderedExtensions)
        {
            Add(extension);
            ExtensionsOf(extension.ExtendeeType).TryAdd(extension.FieldNumber, extension.File);
        }
    }

    /// <summary>The extensions of a message type. One without any has an entry as well, which tells it from an unknown one.</summary>
    private SortedDictionary<int, FileDescriptor> ExtensionsOf(MessageDescriptor message) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_extensions, message.FullName, out _) ??= [];

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
