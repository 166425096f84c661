using Adam.Service.Connections;

namespace Adam.Fuzz.Targets.Requests;

/// <summary>The patience of a call that nobody watches.</summary>
internal sealed class AnyPatience : ICallPatience
{
    public bool MayRest { get; set; }
}
