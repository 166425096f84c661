using System.Net;
using Adam.Service.Configuration;
using Microsoft.AspNetCore.Connections;

namespace Adam.Service.Connections;

/// <summary>Counts the connections of one endpoint, and closes at once what is above its limits.</summary>
/// <remarks>Kestrel's own count is of all endpoints together: a flood on one would silence the probes on the other.</remarks>
internal sealed class ConnectionCount(Http2Options limits, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _perAddress = [];
    private int _all;

    /// <summary>The connections that are open.</summary>
    public int Open
    {
        get
        {
            lock (_lock)
            {
                return _all;
            }
        }
    }

    /// <summary>Serves a connection, if there may be one more.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        if (TryEnter(address) is { } reached)
        {
            ConnectionsLog.ConnectionRefused(logger, connection.RemoteEndPoint, reached.Option, reached.Value);
            connection.Abort(new ConnectionAbortedException("There are too many connections."));
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Leave(address);
        }
    }

    // Without an address, on a Unix domain socket, only the number of all counts.
    private (string Option, int Value)? TryEnter(IPAddress? address)
    {
        lock (_lock)
        {
            if (_all >= limits.ConnectionsMax)
            {
                return ($"{Http2Options.Section}:{nameof(limits.ConnectionsMax)}", limits.ConnectionsMax);
            }

            if (address is null)
            {
                _all++;
                return null;
            }

            var already = _perAddress.GetValueOrDefault(address);
            if (limits.ConnectionsPerAddressMax > 0 && already >= limits.ConnectionsPerAddressMax)
            {
                return ($"{Http2Options.Section}:{nameof(limits.ConnectionsPerAddressMax)}", limits.ConnectionsPerAddressMax);
            }

            _perAddress[address] = already + 1;
            _all++;
            return null;
        }
    }

    private void Leave(IPAddress? address)
    {
        lock (_lock)
        {
            _all--;
            if (address is not null && --_perAddress[address] == 0)
            {
                _perAddress.Remove(address);
            }
        }
    }
}
