using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>A method of a service, ready to be mapped.</summary>
/// <param name="Method">The method.</param>
/// <param name="RequestDelegate">Serves its requests.</param>
/// <param name="Metadata">What the endpoint carries: the method itself and the attributes of class and method.</param>
internal sealed record MethodEndpoint(IMethod Method, RequestDelegate RequestDelegate, IReadOnlyList<object> Metadata);
