using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client.Configuration;

namespace Grpc.Net.Client.Internal.Retry;

/// <summary>What a channel knows of its methods: the service configuration, checked and ready to be looked up, and their addresses.</summary>
internal sealed class MethodSettings
{
    private readonly Dictionary<(string Service, string Method), RetrySettings?> _retries = [];
    private readonly ConcurrentDictionary<string, Uri> _addresses = [];

    /// <param name="config">The configuration; null for none.</param>
    /// <param name="attemptsLimit">The most attempts that the channel allows; null is no limit.</param>
    /// <exception cref="InvalidOperationException">The configuration cannot be used.</exception>
    public MethodSettings(ServiceConfig? config, int? attemptsLimit)
    {
        foreach (MethodConfig method in config?.MethodConfigs ?? [])
        {
            RetrySettings? retry = method.RetryPolicy is { } policy ? RetrySettings.Create(policy, attemptsLimit) : null;
            foreach (MethodName name in method.Names)
            {
                Add(name.Service ?? "", name.Method ?? "", retry);
            }
        }
    }

    /// <summary>How the calls of a method are repeated; null when they are not.</summary>
    public RetrySettings? FindRetry(IMethod method)
    {
        RetrySettings? retry = null;
        bool isFound = _retries.Count > 0
            && (_retries.TryGetValue((method.ServiceName, method.Name), out retry)
                || _retries.TryGetValue((method.ServiceName, ""), out retry)
                || _retries.TryGetValue(("", ""), out retry));
        return isFound ? retry : null;
    }

    /// <summary>Where the calls of a method go. Putting an address together takes longer than sending a short message.</summary>
    /// <param name="channel">The address of the channel.</param>
    /// <param name="path">The path of the method.</param>
    public Uri FindAddress(Uri channel, string path) =>
        _addresses.TryGetValue(path, out Uri? address) ? address : _addresses.GetOrAdd(path, new Uri(channel, path));

    private void Add(string service, string method, RetrySettings? retry)
    {
        if (service.Length == 0 && method.Length > 0)
        {
            throw new InvalidOperationException($"The method config of '{method}' names no service.");
        }

        if (!_retries.TryAdd((service, method), retry))
        {
            throw new InvalidOperationException($"Duplicate method config found. Service: '{service}', method: '{method}'.");
        }
    }
}
