namespace Adam.Bench.GrpcBench;

/// <summary>How the HTTP/2 windows of a client's process are sized.</summary>
internal enum WindowSizing
{
    /// <summary>They grow with a fast stream, which is .NET's default.</summary>
    Dynamic,

    /// <summary>They stay as the handler begins them.</summary>
    Fixed,
}
