namespace Adam.Client.Tests.Support;

/// <summary>An open session whose connection was cut, and whose calls and messages a test sees first.</summary>
internal sealed class LostSession : IAsyncDisposable
{
    private readonly CuttingProxy _proxy;

    private LostSession(CuttingProxy proxy, ListeningClient listening, OptimizerSession session)
    {
        (_proxy, Listening, Session) = (proxy, listening, session);
    }

    public ListeningClient Listening { get; }

    public OptimizerSession Session { get; }

    /// <summary>Opens a session of <see cref="SmallModel"/>, trains some steps, and cuts the connection.</summary>
    public static async Task<LostSession> OpenAsync(ServiceFixture service, int stepsBefore = 0)
    {
        var proxy = new CuttingProxy(service.Address);
        var listening = new ListeningClient(proxy.Address);
        var created = await listening.Client.CreateSessionAsync(SmallModel.Spec());
        var session = await listening.Client.OpenSessionAsync(created.Reference);
        for (var step = 1; step <= stepsBefore; step++)
        {
            await session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(step)));
        }

        proxy.CutAll();
        return new LostSession(proxy, listening, session);
    }

    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync();
        await Listening.DisposeAsync();
        await _proxy.DisposeAsync();
    }
}
