using Adam.Service.Connections;

namespace Adam.Service.Tests.Support;

/// <summary>Records what a handler says, without a call.</summary>
internal sealed class StubPatience : ICallPatience
{
    public bool MayRest { get; set; }
}
