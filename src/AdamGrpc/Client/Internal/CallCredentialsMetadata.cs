using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>Asks credentials for what they add to a call.</summary>
internal static class CallCredentialsMetadata
{
    /// <param name="ofChannel">The credentials of the channel.</param>
    /// <param name="ofCall">The credentials of the call, if it has its own.</param>
    /// <param name="address">The address of the channel.</param>
    /// <param name="method">The method that is called.</param>
    /// <param name="cancellationToken">Fires when the call is given up.</param>
    /// <exception cref="RpcException">The credentials threw.</exception>
    /// <exception cref="OperationCanceledException">The call was given up.</exception>
    public static async Task<Metadata> AskAsync(
        IReadOnlyList<CallCredentials> ofChannel,
        CallCredentials? ofCall,
        Uri address,
        IMethod method,
        CancellationToken cancellationToken)
    {
        Metadata metadata = [];
        AuthInterceptorContext context = new(
            $"{address.Scheme}://{address.Authority}/{method.ServiceName}", method.Name, cancellationToken);
        IEnumerable<CallCredentials> all = ofCall is null ? ofChannel : ofChannel.Append(ofCall);
        foreach (AsyncAuthInterceptor interceptor in all.SelectMany(credentials => credentials.Interceptors))
        {
            try
            {
                await interceptor(context, metadata).WaitAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not RpcException && !cancellationToken.IsCancellationRequested)
            {
                throw new RpcException(
                    new Status(StatusCode.Internal, $"The credentials of the call failed: {exception.Message}", exception));
            }
        }

        return metadata;
    }
}
