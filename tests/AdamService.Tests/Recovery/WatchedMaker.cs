using Adam.Service.Sessions;
using Stored = Adam.Storage.V1;

namespace Adam.Service.Tests.Recovery;

/// <summary>Makes sessions as another does, and does something before each.</summary>
internal sealed class WatchedMaker(ISessionMaker maker, Action before) : ISessionMaker
{
    public SessionDefinition Define(Stored.SessionState state) => maker.Define(state);

    public SessionActor Make(SessionDefinition definition, Stored.SessionState state, ulong generation, Action<SessionCore> fill)
    {
        before();
        return maker.Make(definition, state, generation, fill);
    }
}
