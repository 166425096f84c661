using Adam.Service.Connections;
using Adam.Service.Sessions;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.ControlPlane;

/// <summary><c>Sessions.WatchSession</c>: the session as it is now, and again whenever it has changed.</summary>
internal sealed class WatchSessionCall(SessionRegistry sessions, ServiceStop stop, TimeProvider time)
{
    // Between two messages. A small model takes thousands of steps in it, which nobody wants to hear of one by one.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public async Task RunAsync(WatchSessionRequest request, IServerStreamWriter<WatchSessionResponse> responses, CancellationToken callEnded)
    {
        var session = sessions.Get(request.Session);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(callEnded, session.Ended, stop.Stopping);
        using var watcher = session.Changes.Watch();
        try
        {
            for (var sent = -1L; ;)
            {
                var (described, count) = await session.Changes.LatestAsync(() => DescribeAsync(session)).WaitAsync(over.Token);
                if (count != sent)
                {
                    await responses.WriteAsync(new WatchSessionResponse { Session = described }, over.Token);
                    sent = count;
                }

                await Task.Delay(Pause, time, over.Token);
                await session.Changes.PastAsync(count).WaitAsync(over.Token);
            }
        }
        catch (OperationCanceledException) when (!callEnded.IsCancellationRequested)
        {
            throw session.Ended.IsCancellationRequested ? session.DeletedError() : ServiceStop.Refusal();
        }
    }

    private static Task<(V1.Session Session, long Count)> DescribeAsync(SessionActor session) => session.RunAsync(
        core =>
        {
            var described = SessionDescriber.Summary(session, core);
            described.Workers.Add(SessionDescriber.Workers(core));
            return (described, session.Changes.Count);
        },
        CancellationToken.None);
}
