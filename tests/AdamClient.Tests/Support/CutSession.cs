namespace Adam.Client.Tests.Support;

/// <summary>A session of <see cref="InterruptedModel"/> that is opened through a proxy.</summary>
internal sealed class CutSession : IAsyncDisposable
{
    private readonly AdamClient _direct;
    private readonly AdamClient _client;
    private readonly GradientEncoding _encoding;

    private CutSession(AdamClient direct, AdamClient client, CuttingProxy proxy, OptimizerSession session, GradientEncoding encoding)
    {
        (_direct, _client, Proxy, Session, _encoding) = (direct, client, proxy, session, encoding);
    }

    public CuttingProxy Proxy { get; }

    public OptimizerSession Session { get; }

    public static async Task<CutSession> OpenAsync(
        SmallChunksFixture service, GradientEncoding encoding = GradientEncoding.AsGiven, TimeSpan? reconnectTimeout = null)
    {
        var proxy = new CuttingProxy(service.Address);
        var client = AdamClient.ForAddress(proxy.Address);
        var created = await service.Client.CreateSessionAsync(InterruptedModel.Spec());
        var options = Options(encoding);
        var session = await client.OpenSessionAsync(
            created.Reference, reconnectTimeout is { } timeout ? options with { ReconnectTimeout = timeout } : options);
        return new CutSession(service.Client, client, proxy, session, encoding);
    }

    /// <summary>Asserts that everything is as after a run without interruptions.</summary>
    /// <param name="steps">The steps of the run.</param>
    /// <param name="weights">What the last reply brought.</param>
    public async Task AssertAsUninterruptedAsync(int steps, float[][] weights)
    {
        var created = await _direct.CreateSessionAsync(InterruptedModel.Spec());
        await using var session = await _direct.OpenSessionAsync(created.Reference, Options(_encoding));
        var (results, expected) = await InterruptedModel.TrainAsync(session, steps);

        Assert.Equal(expected.Select(tensor => Bits.Of(tensor)), weights.Select(tensor => Bits.Of(tensor)));
        Assert.Equal(
            await InterruptedModel.SlotsAsync(_direct, created.Reference), await InterruptedModel.SlotsAsync(_direct, Session.Reference));
        var info = await _direct.GetSessionAsync(Session.Reference);
        Assert.Equal((results[^1].Iterations, results[^1].Version), (info.Iterations, info.Version));
    }

    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync();
        await _client.DisposeAsync();
        await Proxy.DisposeAsync();
    }

    private static OpenOptions Options(GradientEncoding encoding) => new()
    {
        Digest = true, GradientEncoding = encoding, ErrorFeedback = encoding == GradientEncoding.AsGiven ? null : new ErrorFeedback(),
    };
}
