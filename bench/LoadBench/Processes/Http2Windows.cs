namespace Adam.Bench.LoadBench.Processes;

/// <summary>How a client's HTTP/2 windows are sized, in all of a process.</summary>
internal static class Http2Windows
{
    /// <summary>The switch of .NET by which they stay as a handler begins them; it is read once, with the first handler.</summary>
    public const string Switch = "System.Net.SocketsHttpHandler.Http2FlowControl.DisableDynamicWindowSizing";
}
