using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.Attacks;

/// <summary>Somebody who behaves well: trains all the time, on a connection of their own, and expects every call to succeed.</summary>
internal sealed class Neighbour : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<int> _calling;

    private Neighbour(TestService service, string session) => _calling = Task.Run(() => CallAsync(service, session, _stop.Token));

    public static async Task<Neighbour> StartAsync(TestService service)
    {
        var session = Requests.NewId();
        await service.CreateAsync(Requests.Create(session, Floats.Random(64, 1)));
        return new Neighbour(service, session);
    }

    /// <summary>Stops it.</summary>
    /// <returns>How many calls it has made, all of which succeeded.</returns>
    public async Task<int> StopAsync()
    {
        await _stop.CancelAsync();
        return await _calling;
    }

    public void Dispose() => _stop.Dispose();

    private static async Task<int> CallAsync(TestService service, string session, CancellationToken stop)
    {
        var gradient = Floats.Random(64, 2);
        ulong sequence = 0;
        do
        {
            var answer = await service.StepAsync(Requests.Step(session, "w", Requests.Begin(++sequence), gradient));
            Assert.Equal(BatchOutcome.Applied, answer.Result.Outcome);
        }
        while (!stop.IsCancellationRequested);

        return (int)sequence;
    }
}
