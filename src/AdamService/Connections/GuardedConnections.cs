using System.Collections.Concurrent;
using Adam.Service.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Adam.Service.Connections;

/// <summary>All HTTP/2 connections that are open.</summary>
internal sealed class GuardedConnections(IOptions<Http2Options> options, TimeProvider time, ILogger<GuardedConnections> logger)
{
    private readonly ConcurrentDictionary<GuardedConnection, byte> _open = new();
    private int _isRelieving;

    /// <summary>How many there are.</summary>
    public int Count => _open.Count;

    /// <summary>How many calls they have.</summary>
    public int CallCount => _open.Keys.Sum(connection => connection.CallCount);

    /// <summary>The answers of all of them that wait for their clients.</summary>
    public UnsentBytes Unsent { get; } = new(options.Value.UnsentBytesMax);

    /// <summary>Serves a connection under guard.</summary>
    public async Task RunAsync(ConnectionContext context, ConnectionDelegate next)
    {
        var connection = new GuardedConnection(context, options.Value, time, logger);
        context.Features.Set(connection);
        _open.TryAdd(connection, 0);
        try
        {
            await connection.RunAsync(next);
        }
        finally
        {
            _open.TryRemove(connection, out _);
        }
    }

    /// <summary>Ends what has waited too long.</summary>
    public void Check()
    {
        foreach (var connection in _open.Keys)
        {
            connection.Check();
        }

        Unsent.EndAllTurns();
    }

    /// <summary>Ends calls whose answers wait, when too much does: first those of which much has waited long.</summary>
    public void Relieve()
    {
        if (!Unsent.IsTooMuch || Interlocked.Exchange(ref _isRelieving, 1) != 0)
        {
            return;
        }

        try
        {
            // Whoever takes its answer begins to wait again and again.
            var waiting = _open.Keys.SelectMany(connection => connection.Calls)
                .Where(call => call.Response.Unsent > 0)
                .OrderByDescending(call => call.Response.Burden);
            foreach (var call in waiting.TakeWhile(_ => !Unsent.IsRelieved))
            {
                call.GiveUp(Unsent.Held);
            }
        }
        finally
        {
            Volatile.Write(ref _isRelieving, 0);
        }
    }
}
