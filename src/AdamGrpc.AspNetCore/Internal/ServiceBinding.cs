using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Finds out how a class is bound: which ancestor carries the attribute, and which method it names.</summary>
internal static class ServiceBinding
{
    /// <summary>The class itself or its nearest ancestor that carries the attribute.</summary>
    /// <returns>False when none does.</returns>
    public static bool TryFind(
        Type serviceType, [NotNullWhen(true)] out Type? baseType, [NotNullWhen(true)] out BindServiceMethodAttribute? attribute)
    {
        for (baseType = serviceType; baseType is not null; baseType = baseType.BaseType)
        {
            attribute = baseType.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false);
            if (attribute is not null)
            {
                return true;
            }
        }

        attribute = null;
        return false;
    }

    /// <summary>Hands the methods of a service to a binder. Handlers are null: the binder looks for methods of the class.</summary>
    /// <exception cref="InvalidOperationException">The class has no binding.</exception>
    public static void Bind(Type serviceType, ServiceBinderBase binder)
    {
        if (!TryFind(serviceType, out Type? baseType, out BindServiceMethodAttribute? attribute))
        {
            throw new InvalidOperationException(
                $"Neither {serviceType} nor an ancestor of it carries [BindServiceMethod]: it is not a gRPC service.");
        }

        const BindingFlags StaticMembers = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static;
        MethodInfo bind = attribute.BindType.GetMethod(attribute.BindMethodName, StaticMembers, [typeof(ServiceBinderBase), baseType])
            ?? throw new InvalidOperationException(
                $"{attribute.BindType} has no static method {attribute.BindMethodName}(ServiceBinderBase, {baseType.Name}).");
        bind.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [binder, null], null);
    }
}
