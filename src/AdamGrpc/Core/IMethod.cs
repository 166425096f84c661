namespace Grpc.Core;

/// <summary>A method of a service, without the types of its messages.</summary>
public interface IMethod
{
    /// <summary>The shape of the call.</summary>
    MethodType Type { get; }

    /// <summary>The full name of the service, for example <c>package.Service</c>.</summary>
    string ServiceName { get; }

    /// <summary>The name of the method.</summary>
    string Name { get; }

    /// <summary>The path of the request: <c>/package.Service/Method</c>.</summary>
    string FullName { get; }
}
