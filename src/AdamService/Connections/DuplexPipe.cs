using System.IO.Pipelines;

namespace Adam.Service.Connections;

/// <summary>The two directions of a connection.</summary>
internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
