using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Adam.Architecture.Tests.GrpcApi;

/// <summary>What an assembly uses of others, read from its metadata.</summary>
internal static class UsedApi
{
    /// <summary>Every type (<c>Namespace.Type</c>) and member (<c>Namespace.Type.Member</c>) of some assemblies that another one refers to.</summary>
    /// <param name="assemblyPath">The assembly that uses them.</param>
    /// <param name="libraries">The names of those that are used.</param>
    public static IReadOnlyCollection<string> Of(string assemblyPath, IReadOnlyCollection<string> libraries)
    {
        using var file = new PEReader(File.OpenRead(assemblyPath));
        var metadata = file.GetMetadataReader();
        var used = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var handle in metadata.TypeReferences)
        {
            if (IsOf(metadata, handle, libraries))
            {
                used.Add(NameOf(metadata, handle));
            }
        }

        foreach (var handle in metadata.MemberReferences)
        {
            var member = metadata.GetMemberReference(handle);
            if (TypeOf(metadata, member.Parent) is { } type && IsOf(metadata, type, libraries))
            {
                used.Add($"{NameOf(metadata, type)}.{metadata.GetString(member.Name)}");
            }
        }

        return used;
    }

    // A member of a generic type belongs to a specification of it, which begins with the type itself.
    private static TypeReferenceHandle? TypeOf(MetadataReader metadata, EntityHandle parent)
    {
        if (parent.Kind == HandleKind.TypeReference)
        {
            return (TypeReferenceHandle)parent;
        }

        if (parent.Kind != HandleKind.TypeSpecification)
        {
            return null;
        }

        var signature = metadata.GetBlobReader(metadata.GetTypeSpecification((TypeSpecificationHandle)parent).Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
        {
            return null;
        }

        signature.ReadSignatureTypeCode();
        var type = signature.ReadTypeHandle();
        return type.Kind == HandleKind.TypeReference ? (TypeReferenceHandle)type : null;
    }

    private static bool IsOf(MetadataReader metadata, TypeReferenceHandle handle, IReadOnlyCollection<string> libraries)
    {
        var scope = metadata.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.TypeReference => IsOf(metadata, (TypeReferenceHandle)scope, libraries),
            HandleKind.AssemblyReference => libraries.Contains(
                metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)scope).Name)),
            _ => false,
        };
    }

    private static string NameOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        var name = metadata.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{NameOf(metadata, (TypeReferenceHandle)type.ResolutionScope)}.{name}"
            : $"{metadata.GetString(type.Namespace)}.{name}";
    }
}
