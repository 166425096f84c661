using Grpc.Core;

namespace Adam.Service.Errors;

/// <summary>Where refusals become statuses: every rpc of this service runs inside one of these.</summary>
internal static class CallBoundary
{
    /// <summary>Runs a call that has an answer.</summary>
    public static async Task<T> RunAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (ServiceException error)
        {
            throw WireStatus.ToRpcException(error);
        }
    }

    /// <summary>Runs a call that answers on a stream.</summary>
    public static async Task RunAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (ServiceException error)
        {
            throw WireStatus.ToRpcException(error);
        }
    }
}
