using System.Net;
using System.Net.Sockets;

namespace Adam.Client.Tests.Support;

/// <summary>Stands between a client and a service and cuts the connection where a test says, by what passes and not by a clock.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<ProxiedConnection> _connections = [];
    private readonly Task _accepting;
    private readonly Queue<Cut> _cuts = new();
    private TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _refusals;
    private int _left;

    public CuttingProxy(Uri target)
    {
        Target = target;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>Where connections go from now on.</summary>
    public Uri Target { get; set; }

    /// <summary>How many cuts have been made.</summary>
    public int Made { get; private set; }

    /// <summary>Whether a cut is still to be made.</summary>
    public bool IsArmed
    {
        get
        {
            lock (_lock)
            {
                return _cuts.Count > 0;
            }
        }
    }

    /// <summary>Ends with the first connection that is refused after <see cref="Refuse"/>.</summary>
    public Task Refused => _refused.Task;

    /// <summary>Makes cuts, each once the one before was made.</summary>
    public void Arm(params ReadOnlySpan<Cut> cuts)
    {
        lock (_lock)
        {
            var isFirst = _cuts.Count == 0;
            foreach (var cut in cuts)
            {
                _cuts.Enqueue(cut);
            }

            if (isFirst)
            {
                Begin();
            }
        }
    }

    /// <summary>Cuts all connections now.</summary>
    public void CutAll()
    {
        lock (_lock)
        {
            _connections.ForEach(connection => connection.End(abrupt: true));
            _connections.Clear();
        }
    }

    /// <summary>Closes so many connections as soon as they are made.</summary>
    public void Refuse(int connections = int.MaxValue)
    {
        lock (_lock)
        {
            _refusals = connections;
            _refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>How much of the next bytes of DATA may pass. Fewer than asked for: the cut is made after them.</summary>
    internal int Pass(bool isReply, int bytes)
    {
        lock (_lock)
        {
            if (!_cuts.TryPeek(out var cut) || cut.IsReply != isReply)
            {
                return bytes;
            }

            var passing = Math.Min(bytes, _left);
            _left -= passing;
            return passing;
        }
    }

    /// <summary>Makes the cut that is due.</summary>
    internal void Make()
    {
        lock (_lock)
        {
            var cut = _cuts.Dequeue();
            Made++;
            _connections.ForEach(connection => connection.End(cut.IsAbrupt));
            _connections.Clear();
            Begin();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        CutAll();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private void Begin() => _left = _cuts.TryPeek(out var next) ? next.DataBytes : 0;

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                Take(client);
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The test is over, or the client has gone before it was looked at.
            }
        }
    }

    private void Take(Socket client)
    {
        lock (_lock)
        {
            if (_refusals > 0)
            {
                _refusals--;
                client.LingerState = new LingerOption(true, 0);
                client.Dispose();
                _refused.TrySetResult();
                return;
            }

            var connection = new ProxiedConnection(this, client, Target);
            _connections.Add(connection);
            connection.Start();
        }
    }
}
