using System.Diagnostics.CodeAnalysis;
using Grpc.Core.Internal;

namespace Grpc.Core;

/// <summary>The base of all generated clients.</summary>
public abstract class ClientBase
{
    /// <summary>Makes a client without a way to a server, for test doubles.</summary>
    protected ClientBase() => Configuration = new ClientBaseConfiguration(UnsupportedCallInvoker.Instance, null);

    /// <summary>Makes a client from a configuration.</summary>
    /// <param name="configuration">The configuration.</param>
    protected ClientBase(ClientBaseConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Configuration = configuration;
    }

    /// <summary>Makes a client over a channel.</summary>
    /// <param name="channel">The channel.</param>
    protected ClientBase(ChannelBase channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        Configuration = new ClientBaseConfiguration(channel.CreateCallInvoker(), null);
    }

    /// <summary>Makes a client over an invoker.</summary>
    /// <param name="callInvoker">The invoker.</param>
    protected ClientBase(CallInvoker callInvoker)
    {
        ArgumentNullException.ThrowIfNull(callInvoker);
        Configuration = new ClientBaseConfiguration(callInvoker, null);
    }

    /// <summary>Starts the calls of this client.</summary>
    protected CallInvoker CallInvoker => Configuration.CallInvoker;

    internal ClientBaseConfiguration Configuration { get; }

    /// <summary>How a client reaches its server. Generated code passes it on and looks at nothing in it.</summary>
    [SuppressMessage("Design", "CA1034", Justification = "The nesting is the official one.")]
    protected internal sealed class ClientBaseConfiguration
    {
        internal ClientBaseConfiguration(CallInvoker callInvoker, string? host)
        {
            CallInvoker = host is null ? callInvoker : new HostCallInvoker(callInvoker, host);
            InnermostCallInvoker = callInvoker;
        }

        internal CallInvoker CallInvoker { get; }

        internal CallInvoker InnermostCallInvoker { get; }

        internal ClientBaseConfiguration WithHost(string host) => new(InnermostCallInvoker, host);
    }
}
