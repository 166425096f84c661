namespace Grpc.Core;

/// <summary>Hands the deadline and cancellation of one call on to another. This runtime makes none.</summary>
public abstract class ContextPropagationToken
{
    internal ContextPropagationToken()
    {
    }
}
