using Grpc.Core;

namespace AdamGrpc.Interop.Client;

/// <summary>What a case asks of its server.</summary>
internal static class Check
{
    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new CaseFailedException($"{what}: expected {expected}, got {actual}");
        }
    }

    public static async Task<Status> FailsAsync(StatusCode expected, Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (RpcException exception)
        {
            Equal(expected, exception.StatusCode, $"status ({exception.Status.Detail})");
            return exception.Status;
        }

        throw new CaseFailedException($"status: expected {expected}, got OK");
    }
}
