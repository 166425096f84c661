namespace Grpc.Net.Client.Internal;

/// <summary>The request stream of a call.</summary>
internal abstract class RequestContent : HttpContent
{
    private volatile bool _isBegun;

    /// <summary>Whether the handler has begun to send it. A request that found no server has not, and may be sent anew.</summary>
    public bool IsBegun => _isBegun;

    /// <summary>Says that no sending will begin any more. One may still go on.</summary>
    public virtual void Retire()
    {
    }

    /// <summary>Breaks the stream off, unless it is complete.</summary>
    public virtual void Abandon()
    {
    }

    protected void Begin() => _isBegun = true;

    protected sealed override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
