using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Adam.Service.Connections;

/// <summary>The body of a request whose reader is watched.</summary>
internal sealed class PacedRequestBody(PipeReader reader) : IRequestBodyPipeFeature
{
    public PipeReader Reader => reader;
}
