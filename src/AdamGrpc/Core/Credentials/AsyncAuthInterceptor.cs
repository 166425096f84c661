namespace Grpc.Core;

/// <summary>Adds metadata that says who calls. Asked for every call, before it is sent; what it throws ends the call.</summary>
/// <param name="context">Which call.</param>
/// <param name="metadata">The metadata to add to. What stands there is sent with the call, beside the metadata of the caller.</param>
public delegate Task AsyncAuthInterceptor(AuthInterceptorContext context, Metadata metadata);
