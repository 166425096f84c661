namespace Adam.Bench.GrpcBench;

/// <summary>What is measured.</summary>
internal enum Part
{
    /// <summary>Messages there and back in one call.</summary>
    Echo,

    /// <summary>Messages to the server.</summary>
    Upload,

    /// <summary>Messages to the client.</summary>
    Download,

    /// <summary>Small calls, one after the other.</summary>
    Unary,
}
