namespace Adam.Fuzz.Running;

/// <summary>
/// A thread that looks at the others. An input that takes a little too long is judged when it ends; one that does not end at all can only be
/// written down, together with the end of the process: nothing stops a thread from outside.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(20);

    private readonly IReadOnlyList<HangWatch> _watches;
    private readonly Action<Finding> _onHang;
    private readonly ManualResetEventSlim _over = new();
    private readonly Thread _thread;

    /// <param name="watches">Of the threads to look at.</param>
    /// <param name="onHang">Writes the finding down and ends the process.</param>
    public Watchdog(IReadOnlyList<HangWatch> watches, Action<Finding> onHang)
    {
        (_watches, _onHang) = (watches, onHang);
        _thread = new Thread(Look) { IsBackground = true, Name = "fuzz-watchdog" };
        _thread.Start();
    }

    public void Dispose()
    {
        _over.Set();
        _thread.Join();
        _over.Dispose();
    }

    private void Look()
    {
        while (!_over.Wait(Period))
        {
            foreach (var watch in _watches)
            {
                if (watch.FindHung(GiveUp) is { } hung)
                {
                    _onHang(hung);
                }
            }
        }
    }
}
